//! The types that some portals have, and two custom objects with awkward names: one row each.

use super::{ENGAGEMENT, KindRow, Need, RECORD};

/// Of a type without a description of its own writing scope, reading and writing go with line items.
const LINE_ITEMS_READ: Need = &[&["crm.objects.line_items.read"], &["e-commerce"]];
const LINE_ITEMS_WRITE: Need = &[&["crm.objects.line_items.write"], &["e-commerce"]];
const LINE_ITEMS_SCHEMA: Need = &[&["crm.schemas.line_items.write"], &["e-commerce"]];

const MORE: KindRow = KindRow { created: "hs_createdate", ..RECORD };

pub(super) static MORE_KINDS: [KindRow; 23] = [
    KindRow {
        name: "leads",
        singular: "lead",
        type_id: "0-136",
        created: "createdate",
        defaults: &["hs_lead_name"],
        searched: &["hs_lead_name"],
        one_in: 50,
        read: &[&["crm.objects.leads.read"]],
        write: &[&["crm.objects.leads.write"]],
        schema_write: &[&["crm.objects.leads.write"]],
        ..MORE
    },
    KindRow {
        name: "quotes",
        singular: "quote",
        type_id: "0-14",
        defaults: &["hs_title"],
        searched: &["hs_title"],
        one_in: 100,
        read: &[&["crm.objects.quotes.read"], &["e-commerce"]],
        write: &[&["crm.objects.quotes.write"], &["e-commerce"]],
        schema_write: &[&["crm.objects.quotes.write"]],
        ..MORE
    },
    KindRow {
        name: "communications",
        singular: "communication",
        type_id: "0-18",
        defaults: &[],
        searched: &["hs_communication_body"],
        one_in: 60,
        ..ENGAGEMENT
    },
    KindRow {
        name: "postal_mail",
        singular: "postal_mail",
        type_id: "0-116",
        defaults: &[],
        searched: &["hs_postal_mail_body"],
        one_in: 400,
        ..ENGAGEMENT
    },
    KindRow {
        name: "goal_targets",
        singular: "goal_target",
        type_id: "0-74",
        defaults: &["hs_goal_name"],
        searched: &["hs_goal_name"],
        one_in: 300,
        read: &[&["crm.objects.goals.read"]],
        write: &[&["crm.objects.goals.write"]],
        schema_write: &[&["crm.objects.goals.write"]],
        ..MORE
    },
    KindRow {
        name: "users",
        singular: "user",
        type_id: "0-115",
        defaults: &["hs_email"],
        searched: &["hs_email"],
        one_in: 400,
        read: &[&["crm.objects.users.read"]],
        write: &[&["crm.objects.users.write"]],
        schema_write: &[&["crm.objects.users.write"]],
        ..MORE
    },
    KindRow {
        name: "feedback_submissions",
        singular: "feedback_submission",
        type_id: "0-19",
        defaults: &["hs_survey_name"],
        searched: &["hs_survey_name"],
        one_in: 130,
        read: &[&["crm.objects.feedback_submissions.read"]],
        write: &[&["crm.objects.feedback_submissions.write"]],
        schema_write: &[&["crm.objects.feedback_submissions.write"]],
        ..MORE
    },
    KindRow {
        name: "invoices",
        singular: "invoice",
        type_id: "0-53",
        defaults: &["hs_number"],
        searched: &["hs_number"],
        one_in: 130,
        read: &[&["crm.objects.invoices.read"]],
        write: &[&["crm.objects.invoices.write"]],
        schema_write: &[&["crm.objects.invoices.write"]],
        ..MORE
    },
    KindRow {
        name: "subscriptions",
        singular: "subscription",
        type_id: "0-69",
        defaults: &["hs_name"],
        searched: &["hs_name"],
        one_in: 400,
        read: &[&["crm.objects.subscriptions.read"]],
        write: &[&["crm.objects.subscriptions.write"]],
        schema_write: &[&["crm.objects.subscriptions.write"]],
        ..MORE
    },
    KindRow {
        name: "discounts",
        singular: "discount",
        type_id: "0-84",
        defaults: &["hs_label"],
        searched: &["hs_label"],
        one_in: 500,
        read: LINE_ITEMS_READ,
        write: LINE_ITEMS_WRITE,
        schema_write: LINE_ITEMS_SCHEMA,
        ..MORE
    },
    KindRow {
        name: "fees",
        singular: "fee",
        type_id: "0-85",
        defaults: &["hs_label"],
        searched: &["hs_label"],
        one_in: 500,
        read: LINE_ITEMS_READ,
        write: LINE_ITEMS_WRITE,
        schema_write: LINE_ITEMS_SCHEMA,
        ..MORE
    },
    KindRow {
        name: "taxes",
        singular: "tax",
        type_id: "0-86",
        defaults: &["hs_label"],
        searched: &["hs_label"],
        one_in: 500,
        read: LINE_ITEMS_READ,
        write: LINE_ITEMS_WRITE,
        schema_write: LINE_ITEMS_SCHEMA,
        ..MORE
    },
    KindRow {
        name: "payments",
        singular: "payment",
        type_id: "0-101",
        defaults: &["hs_reference_number"],
        searched: &["hs_reference_number"],
        one_in: 160,
        read: &[&["crm.objects.commercepayments.read"]],
        write: &[&["crm.objects.commercepayments.write"]],
        schema_write: &[&["crm.objects.commercepayments.write"]],
        ..MORE
    },
    KindRow {
        name: "orders",
        singular: "order",
        type_id: "0-123",
        defaults: &["hs_order_name"],
        searched: &["hs_order_name"],
        one_in: 160,
        read: &[&["crm.objects.orders.read"]],
        write: &[&["crm.objects.orders.write"]],
        schema_write: &[&["crm.objects.orders.write"]],
        ..MORE
    },
    KindRow {
        name: "carts",
        singular: "cart",
        type_id: "0-142",
        defaults: &["hs_cart_name"],
        searched: &["hs_cart_name"],
        one_in: 260,
        read: &[&["crm.objects.carts.read"]],
        write: &[&["crm.objects.carts.write"]],
        schema_write: &[&["crm.objects.carts.write"]],
        ..MORE
    },
    KindRow {
        name: "services",
        singular: "service",
        type_id: "0-162",
        defaults: &["hs_name"],
        searched: &["hs_name"],
        one_in: 260,
        read: &[&["crm.objects.services.read"]],
        write: &[&["crm.objects.services.write"]],
        schema_write: &[&["crm.objects.services.write"]],
        ..MORE
    },
    KindRow {
        name: "courses",
        singular: "course",
        type_id: "0-410",
        defaults: &["hs_course_name"],
        searched: &["hs_course_name"],
        one_in: 600,
        read: &[&["crm.objects.courses.read"]],
        write: &[&["crm.objects.courses.write"]],
        schema_write: &[&["crm.objects.courses.write"]],
        ..MORE
    },
    KindRow {
        name: "listings",
        singular: "listing",
        type_id: "0-420",
        defaults: &["hs_name"],
        searched: &["hs_name"],
        one_in: 500,
        read: &[&["crm.objects.listings.read"]],
        write: &[&["crm.objects.listings.write"]],
        schema_write: &[&["crm.objects.listings.write"]],
        ..MORE
    },
    KindRow {
        name: "appointments",
        singular: "appointment",
        type_id: "0-421",
        defaults: &["hs_appointment_name"],
        searched: &["hs_appointment_name"],
        one_in: 260,
        read: &[&["crm.objects.appointments.read"]],
        write: &[&["crm.objects.appointments.write"]],
        schema_write: &[&["crm.objects.appointments.write"]],
        ..MORE
    },
    KindRow {
        name: "projects",
        singular: "project",
        type_id: "0-970",
        defaults: &["hs_name"],
        searched: &["hs_name"],
        one_in: 400,
        read: &[&["crm.objects.projects.read"]],
        write: &[&["crm.objects.projects.write"]],
        schema_write: &[&["crm.objects.projects.write"]],
        ..MORE
    },
    KindRow {
        name: "marketing_events",
        singular: "marketing_event",
        type_id: "0-54",
        defaults: &["hs_event_name"],
        searched: &["hs_event_name"],
        one_in: 600,
        read: &[&["crm.objects.marketing_events.read"]],
        write: &[&["crm.objects.marketing_events.write"]],
        schema_write: &[&["crm.objects.marketing_events.write"]],
        ..MORE
    },
    KindRow {
        name: "2-41873011",
        singular: "tickets",
        type_id: "2-41873011",
        defaults: &["topic"],
        searched: &["topic"],
        one_in: 100,
        read: &[&["crm.objects.custom.read"]],
        write: &[&["crm.objects.custom.write"]],
        schema_write: &[&["crm.schemas.custom.write"]],
        ..MORE
    },
    KindRow {
        name: "2-41873012",
        singular: "Vendor",
        type_id: "2-41873012",
        defaults: &["vendor_name"],
        searched: &["vendor_name"],
        one_in: 100,
        read: &[&["crm.objects.custom.read"]],
        write: &[&["crm.objects.custom.write"]],
        schema_write: &[&["crm.schemas.custom.write"]],
        ..MORE
    },
];

//! What each object type starts with: columns, words that Find looks through, and what names a record. Tables only.

use crm::ObjectType;

/// What is known beforehand about an object type. A property that the portal does not have is left out.
pub(crate) struct Defaults {
    /// Properties picked at first.
    pub(crate) picks: &'static [&'static str],
    /// Properties that full text covers; at most eight.
    pub(crate) found: &'static [&'static str],
    /// Properties that make a record's name: each group is joined by spaces, and the first one that is not empty counts.
    pub(crate) title: &'static [&'static [&'static str]],
    /// What stands under the name.
    pub(crate) subtitle: &'static [&'static str],
    pub(crate) pipeline: Option<&'static str>,
    pub(crate) stage: Option<&'static str>,
}

const ANY: Defaults = Defaults {
    picks: &["name", "hubspot_owner_id", "hs_pipeline", "hs_pipeline_stage"],
    found: &["name"],
    title: &[&["name"]],
    subtitle: &["hs_pipeline_stage", "hubspot_owner_id"],
    pipeline: Some("hs_pipeline"),
    stage: Some("hs_pipeline_stage"),
};

const CONTACTS: Defaults = Defaults {
    picks: &[
        "firstname",
        "lastname",
        "email",
        "lifecyclestage",
        "hubspot_owner_id",
        "company",
        "jobtitle",
        "phone",
        "hs_lead_status",
        "country",
    ],
    found: &[
        "firstname",
        "lastname",
        "email",
        "company",
        "phone",
        "mobilephone",
        "jobtitle",
        "hs_additional_emails",
    ],
    title: &[&["firstname", "lastname"], &["email"], &["company"], &["phone"]],
    subtitle: &["lifecyclestage", "jobtitle", "company"],
    ..ANY
};

const COMPANIES: Defaults = Defaults {
    picks: &[
        "name",
        "domain",
        "lifecyclestage",
        "hubspot_owner_id",
        "industry",
        "city",
        "country",
        "numberofemployees",
        "annualrevenue",
    ],
    found: &["name", "domain", "phone", "city", "website", "hs_additional_domains"],
    title: &[&["name"], &["domain"]],
    subtitle: &["domain", "industry", "city"],
    ..ANY
};

const DEALS: Defaults = Defaults {
    picks: &["dealname", "amount", "dealstage", "closedate", "pipeline", "hubspot_owner_id", "dealtype"],
    found: &["dealname", "description", "hs_next_step"],
    title: &[&["dealname"]],
    subtitle: &["dealstage", "amount", "closedate"],
    pipeline: Some("pipeline"),
    stage: Some("dealstage"),
};

const TICKETS: Defaults = Defaults {
    picks: &[
        "subject",
        "hs_pipeline_stage",
        "hs_ticket_priority",
        "hubspot_owner_id",
        "hs_pipeline",
        "hs_ticket_category",
        "source_type",
        "closed_date",
    ],
    found: &["subject", "content"],
    title: &[&["subject"]],
    subtitle: &["hs_pipeline_stage", "hs_ticket_priority"],
    ..ANY
};

const LINE_ITEMS: Defaults = Defaults {
    picks: &["name", "quantity", "price", "amount", "discount", "hs_sku", "hs_product_id"],
    found: &["name", "hs_sku", "description"],
    title: &[&["name"], &["hs_sku"]],
    subtitle: &["quantity", "amount"],
    ..ANY
};

const PRODUCTS: Defaults = Defaults {
    picks: &["name", "price", "hs_sku", "hs_product_type", "hubspot_owner_id"],
    found: &["name", "hs_sku", "description"],
    title: &[&["name"], &["hs_sku"]],
    subtitle: &["hs_sku", "price"],
    ..ANY
};

const QUOTES: Defaults = Defaults {
    picks: &["hs_title", "hs_quote_amount", "hs_status", "hs_expiration_date", "hubspot_owner_id"],
    found: &["hs_title", "hs_quote_number", "hs_reference"],
    title: &[&["hs_title"]],
    subtitle: &["hs_status", "hs_quote_amount"],
    ..ANY
};

const LEADS: Defaults = Defaults {
    picks: &["hs_lead_name", "hs_lead_type", "hs_pipeline_stage", "hs_pipeline", "hubspot_owner_id"],
    found: &["hs_lead_name"],
    title: &[&["hs_lead_name"]],
    ..ANY
};

const NOTES: Defaults = Defaults {
    picks: &["hs_note_body", "hs_timestamp", "hubspot_owner_id"],
    found: &["hs_note_body"],
    title: &[&["hs_note_body"]],
    subtitle: &["hs_timestamp"],
    ..ANY
};

const CALLS: Defaults = Defaults {
    picks: &[
        "hs_call_title",
        "hs_timestamp",
        "hs_call_direction",
        "hs_call_status",
        "hs_call_duration",
        "hubspot_owner_id",
    ],
    found: &["hs_call_title", "hs_call_body", "hs_call_from_number", "hs_call_to_number"],
    title: &[&["hs_call_title"], &["hs_call_body"]],
    subtitle: &["hs_timestamp", "hs_call_status"],
    ..ANY
};

const EMAILS: Defaults = Defaults {
    picks: &[
        "hs_email_subject",
        "hs_timestamp",
        "hs_email_direction",
        "hs_email_status",
        "hs_email_from_email",
        "hs_email_to_email",
        "hubspot_owner_id",
    ],
    found: &["hs_email_subject", "hs_email_text", "hs_email_from_email", "hs_email_to_email"],
    title: &[&["hs_email_subject"], &["hs_email_text"]],
    subtitle: &["hs_timestamp", "hs_email_direction"],
    ..ANY
};

const MEETINGS: Defaults = Defaults {
    picks: &[
        "hs_meeting_title",
        "hs_meeting_start_time",
        "hs_meeting_end_time",
        "hs_meeting_outcome",
        "hubspot_owner_id",
    ],
    found: &["hs_meeting_title", "hs_meeting_body", "hs_meeting_location"],
    title: &[&["hs_meeting_title"], &["hs_meeting_body"]],
    subtitle: &["hs_meeting_start_time", "hs_meeting_outcome"],
    ..ANY
};

const TASKS: Defaults = Defaults {
    picks: &[
        "hs_task_subject",
        "hs_task_status",
        "hs_task_priority",
        "hs_timestamp",
        "hs_task_type",
        "hubspot_owner_id",
    ],
    found: &["hs_task_subject", "hs_task_body"],
    title: &[&["hs_task_subject"], &["hs_task_body"]],
    subtitle: &["hs_timestamp", "hs_task_status"],
    ..ANY
};

const COMMUNICATIONS: Defaults = Defaults {
    picks: &["hs_communication_body", "hs_communication_channel_type", "hs_timestamp", "hubspot_owner_id"],
    found: &["hs_communication_body"],
    title: &[&["hs_communication_body"]],
    subtitle: &["hs_timestamp", "hs_communication_channel_type"],
    ..ANY
};

const POSTAL_MAIL: Defaults = Defaults {
    picks: &["hs_postal_mail_body", "hs_timestamp", "hubspot_owner_id"],
    found: &["hs_postal_mail_body"],
    title: &[&["hs_postal_mail_body"]],
    subtitle: &["hs_timestamp"],
    ..ANY
};

const GOAL_TARGETS: Defaults = Defaults {
    picks: &["hs_goal_name", "hs_target_amount", "hs_start_datetime", "hs_end_datetime", "hubspot_owner_id"],
    found: &["hs_goal_name"],
    title: &[&["hs_goal_name"]],
    subtitle: &["hs_target_amount", "hs_end_datetime"],
    ..ANY
};

const FEEDBACK: Defaults = Defaults {
    picks: &["hs_survey_name", "hs_survey_type", "hs_value", "hs_content", "hs_submission_timestamp"],
    found: &["hs_survey_name", "hs_content"],
    title: &[&["hs_survey_name"]],
    subtitle: &["hs_value", "hs_submission_timestamp"],
    ..ANY
};

const INVOICES: Defaults = Defaults {
    picks: &[
        "hs_number",
        "hs_title",
        "hs_amount_billed",
        "hs_invoice_status",
        "hs_due_date",
        "hubspot_owner_id",
    ],
    found: &["hs_number", "hs_title"],
    title: &[&["hs_number"], &["hs_title"]],
    subtitle: &["hs_invoice_status", "hs_amount_billed", "hs_due_date"],
    ..ANY
};

/// What is sold, served or held by name: a name, an amount where there is one, a stage where there are pipelines.
const NAMED: Defaults = Defaults {
    picks: &[
        "hs_name",
        "hs_label",
        "hs_order_name",
        "hs_cart_name",
        "hs_course_name",
        "hs_appointment_name",
        "hs_event_name",
        "hs_reference_number",
        "hs_status",
        "hs_total_price",
        "hs_initial_amount",
        "hs_value",
        "hs_pipeline",
        "hs_pipeline_stage",
        "hubspot_owner_id",
    ],
    found: &[
        "hs_name",
        "hs_label",
        "hs_order_name",
        "hs_cart_name",
        "hs_course_name",
        "hs_appointment_name",
        "hs_event_name",
        "hs_reference_number",
    ],
    title: &[
        &["hs_name"],
        &["hs_label"],
        &["hs_order_name"],
        &["hs_cart_name"],
        &["hs_course_name"],
        &["hs_appointment_name"],
        &["hs_event_name"],
        &["hs_reference_number"],
    ],
    subtitle: &["hs_pipeline_stage", "hs_status", "hs_total_price"],
    ..ANY
};

const CRM_USERS: Defaults = Defaults {
    picks: &["hs_given_name", "hs_family_name", "hs_email", "hs_job_title"],
    found: &["hs_given_name", "hs_family_name", "hs_email"],
    title: &[&["hs_given_name", "hs_family_name"], &["hs_email"]],
    subtitle: &["hs_email"],
    ..ANY
};

pub(crate) fn of(object: &ObjectType) -> &'static Defaults {
    known(object).unwrap_or(&ANY)
}

/// Whether this is one of the types above, and not a portal's own.
pub(crate) fn is_known(object: &ObjectType) -> bool {
    known(object).is_some()
}

fn known(object: &ObjectType) -> Option<&'static Defaults> {
    Some(match object.as_str() {
        "contacts" => &CONTACTS,
        "companies" => &COMPANIES,
        "deals" => &DEALS,
        "tickets" => &TICKETS,
        "line_items" => &LINE_ITEMS,
        "products" => &PRODUCTS,
        "quotes" => &QUOTES,
        "leads" => &LEADS,
        "notes" => &NOTES,
        "calls" => &CALLS,
        "emails" => &EMAILS,
        "meetings" => &MEETINGS,
        "tasks" => &TASKS,
        "crm_users" => &CRM_USERS,
        "communications" => &COMMUNICATIONS,
        "postal_mail" => &POSTAL_MAIL,
        "goal_targets" => &GOAL_TARGETS,
        "feedback_submissions" => &FEEDBACK,
        "invoices" => &INVOICES,
        "subscriptions" | "discounts" | "fees" | "taxes" | "payments" | "orders" | "carts" | "services"
        | "courses" | "listings" | "appointments" | "projects" | "marketing_events" => &NAMED,
        _ => return None,
    })
}

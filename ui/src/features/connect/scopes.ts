// The permissions a key needs, as HubSpot names them. Reading only: Portside asks for no write permission.

export const READ: readonly string[] = [
  "crm.objects.contacts.read",
  "crm.objects.companies.read",
  "crm.objects.deals.read",
  "tickets",
  "crm.objects.owners.read",
  "crm.schemas.contacts.read",
  "crm.schemas.companies.read",
  "crm.schemas.deals.read",
];

export const OPTIONAL: readonly string[] = [
  "sales-email-read",
  "crm.objects.line_items.read",
  "crm.objects.products.read",
  "e-commerce",
  "crm.objects.custom.read",
  "crm.schemas.custom.read",
  "crm.objects.users.read",
  "settings.users.read",
  "settings.users.teams.read",
];

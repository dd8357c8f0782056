/**
 * HubSpot's own Node client against the pretend portal: records and links.
 *
 * It knows nothing of ours, so what it cannot send or read is wrong over there. Deliberately absent: what the client
 * itself does not look at (tests/journeys).
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { NO_SUCH_ID, OPEN, connect, ids, models, refused, sorted } from "./portal.mjs";

const { crm } = connect();
const contacts = crm.contacts;
const links = crm.associations.v4;
const Contacts = models("crm/contacts");
const Links = models("crm/associations/v4");

const make = (properties) => contacts.basicApi.create({ properties });
const company = (name) => crm.companies.basicApi.create({ properties: { name } });
const filter = (propertyName, operator, operand = {}) => ({ propertyName, operator, ...operand });
const group = (...filters) => ({ filters });

describe("reading", () => {
  it("a page has records with dates and the cursor of the next", async () => {
    const page = await contacts.basicApi.getPage(7, undefined, ["email", "phone", "no_such_property"]);
    assert.equal(page.results.length, 7);
    for (const record of page.results) {
      assert.ok(record instanceof Contacts.SimplePublicObjectWithAssociations);
      assert.match(record.id, /^\d+$/);
      assert.equal(record.properties.hs_object_id, record.id);
      assert.ok(record.createdAt instanceof Date && record.updatedAt >= record.createdAt);
      assert.equal(record.archived, false);
      const names = ["createdate", "email", "hs_object_id", "lastmodifieddate", "phone"];
      assert.deepEqual(sorted(Object.keys(record.properties)), names);
    }
    const { after, link } = page.paging.next;
    assert.ok(link.includes(`after=${after}`));
    assert.deepEqual(ids((await contacts.basicApi.getPage(1, after)).results), [after]);
  });

  it("getAll walks every page, and the last has no paging", async () => {
    const everyone = ids(await contacts.getAll());
    const { total } = await contacts.searchApi.doSearch({ limit: 1 });
    assert.equal(everyone.length, total);
    assert.ok(total > 200);
    assert.deepEqual(everyone, [...new Set(everyone)].sort((a, b) => a - b));
    const last = await contacts.basicApi.getPage(10, everyone.at(-1));
    assert.deepEqual(ids(last.results), everyone.slice(-1));
    assert.equal(last.paging, undefined);
  });

  it("history comes in pages of fifty", async () => {
    const page = await contacts.basicApi.getPage(50, undefined, undefined, ["firstname"]);
    const [entry] = page.results[0].propertiesWithHistory.firstname;
    assert.ok(entry instanceof Contacts.ValueWithTimestamp && entry.timestamp instanceof Date);
    const tooMany = contacts.basicApi.getPage(51, undefined, undefined, ["firstname"]);
    assert.equal((await refused("crm/contacts", tooMany)).code, 400);
  });

  it("one record comes by id and by e-mail, with null for what is unset", async () => {
    const made = await make({ email: "by.email@node.example" });
    const record = await contacts.basicApi.getById(made.id, ["phone"]);
    assert.equal(record.properties.phone, null);
    const email = "by.email@node.example";
    const again = await contacts.basicApi.getById(email, [], [], [], false, "email");
    assert.equal(again.id, made.id);
  });

  it("archived records are listed apart", async () => {
    const made = await make({ email: "archived@node.example" });
    await contacts.basicApi.archive(made.id);
    const gone = await contacts.getAll(100, undefined, [], [], [], true);
    const there = gone.find((record) => record.id === made.id);
    assert.ok(there.archived && there.archivedAt instanceof Date);
    assert.ok(!ids(await contacts.getAll()).includes(made.id));
    assert.equal((await refused("crm/contacts", contacts.basicApi.getById(made.id))).code, 404);
    assert.equal((await contacts.basicApi.getById(made.id, [], [], [], true)).id, made.id);
  });

  it("every type is listed, read and searched", async () => {
    const own = ["companies", "contacts", "deals", "lineItems", "products", "tickets"];
    const engagements = ["calls", "emails", "meetings", "notes", "tasks"];
    for (const api of [...own.map((name) => crm[name]), ...engagements.map((name) => crm.objects[name])]) {
      const [first] = (await api.basicApi.getPage(2)).results;
      assert.ok(first.createdAt instanceof Date);
      assert.equal((await api.basicApi.getById(first.id)).id, first.id);
      const filters = [filter("hs_object_id", "EQ", { value: first.id })];
      const found = await api.searchApi.doSearch({ filterGroups: [group(...filters)] });
      assert.deepEqual(ids(found.results), [first.id]);
    }
  });

  it("the dated versions answer like v3", async () => {
    const client = connect();
    for (const path of ["/crm/objects/2026-03/contacts", "/crm/objects/2026-09/contacts", "/crm/v3/objects/contacts"]) {
      const answer = await client.apiRequest({ path, qs: { limit: 2 } });
      assert.equal(answer.status, 200);
      assert.equal((await answer.json()).results.length, 2);
    }
    const details = await (await client.apiRequest({ path: "/account-info/v3/details" })).json();
    assert.equal(String(details.portalId), OPEN.portal);
  });
});

describe("searching", () => {
  const search = (request) => contacts.searchApi.doSearch(request);

  it("pages by offset to its total", async () => {
    const filterGroups = [group(filter("email", "HAS_PROPERTY"))];
    const seen = [];
    let page;
    do {
      page = await search({ filterGroups, limit: 100, after: page?.paging.next.after });
      seen.push(...ids(page.results));
      if (page.paging) assert.equal(page.paging.next.after, String(seen.length));
    } while (page.paging);
    assert.ok(page instanceof Contacts.CollectionResponseWithTotalSimplePublicObjectForwardPaging);
    assert.equal(seen.length, page.total);
    assert.equal(new Set(seen).size, page.total);
  });

  it("sorts by a name with a minus or by an object", async () => {
    const filterGroups = [group(filter("email", "HAS_PROPERTY"))];
    for (const sorts of [["-email"], [{ propertyName: "email", direction: "DESCENDING" }]]) {
      const page = await search({ filterGroups, sorts, properties: ["email"], limit: 50 });
      const emails = page.results.map((record) => record.properties.email);
      assert.deepEqual(emails, sorted(emails).reverse());
    }
  });

  it("filters hold together in a group, and groups are alternatives", async () => {
    const one = await make({ email: "one@and.example", firstname: "Ada", lastname: "Nodeandor" });
    const two = await make({ email: "two@and.example", firstname: "Bob", lastname: "Nodeandor" });
    const ada = group(filter("lastname", "EQ", { value: "Nodeandor" }), filter("firstname", "EQ", { value: "Ada" }));
    assert.deepEqual(ids((await search({ filterGroups: [ada] })).results), [one.id]);
    const bob = group(filter("email", "IN", { values: ["two@and.example"] }));
    assert.deepEqual(sorted(ids((await search({ filterGroups: [ada, bob] })).results)), sorted([one.id, two.id]));
    const between = filter("createdate", "BETWEEN", { value: "1500000000000", highValue: "4000000000000" });
    assert.equal((await search({ filterGroups: [group(between, ...ada.filters)] })).total, 1);
    assert.deepEqual(sorted(ids((await search({ query: "Nodeandor" })).results)), sorted([one.id, two.id]));
  });

  it("is refused too far, too wide and with nonsense", async () => {
    for (const request of [
      { limit: 100, after: "9950" },
      { limit: 201 },
      { filterGroups: Array(6).fill(group(filter("email", "HAS_PROPERTY"))) },
      { filterGroups: [group(filter("email", "NO_SUCH_OPERATOR"))] },
    ]) {
      const error = await refused("crm/contacts", search(request));
      assert.deepEqual([error.code, error.body.status], [400, "error"]);
    }
  });
});

describe("writing", () => {
  it("a new record is born with links and answers what was written", async () => {
    const there = await company("Node born & Co");
    const types = [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 279 }];
    const properties = { email: "born@node.example" };
    const made = await contacts.basicApi.create({ properties, associations: [{ to: { id: there.id }, types }] });
    assert.ok(made instanceof Contacts.SimplePublicObject && made.createdAt instanceof Date);
    assert.equal(made.properties.email, "born@node.example");
    assert.ok(!("lastname" in made.properties));
    const inside = await contacts.basicApi.getById(made.id, [], [], ["companies", "deals"]);
    assert.deepEqual(Object.keys(inside.associations), ["companies"]);
    const entries = inside.associations.companies.results;
    assert.ok(entries[0] instanceof Contacts.AssociatedId);
    assert.deepEqual(new Set(ids(entries)), new Set([there.id]));
  });

  it("an update answers what it wrote and clears with nothing", async () => {
    const made = await make({ email: "update@node.example", firstname: "Uma", lastname: "Old" });
    const answer = await contacts.basicApi.update(made.id, { properties: { firstname: "", lastname: "New" } });
    assert.equal(answer.properties.lastname, "New");
    assert.ok(!("email" in answer.properties));
    await contacts.basicApi.update("update@node.example", { properties: { jobtitle: "Buyer" } }, "email");
    const { properties } = await contacts.basicApi.getById(made.id, ["firstname", "lastname", "jobtitle"]);
    assert.deepEqual([properties.firstname, properties.lastname, properties.jobtitle], [null, "New", "Buyer"]);
  });

  it("batches create, update, upsert, read and archive", async () => {
    const batch = contacts.batchApi;
    const emails = ["0", "1", "2"].map((n) => `batch.${n}@node.example`);
    const made = await batch.create({ inputs: emails.map((email) => ({ properties: { email }, associations: [] })) });
    assert.ok(made instanceof Contacts.BatchResponseSimplePublicObject);
    assert.equal(made.status, "COMPLETE");
    assert.ok(made.startedAt instanceof Date);
    const all = ids(made.results);
    assert.equal(new Set(all).size, 3);

    const changes = all.map((id) => ({ id, properties: { firstname: "After" } }));
    assert.deepEqual(sorted(ids((await batch.update({ inputs: changes })).results)), sorted(all));

    const upserts = [emails[0], "batch.new@node.example"].map((id) => ({
      id,
      idProperty: "email",
      properties: { firstname: "Upserted" },
    }));
    const mixed = await batch.upsert({ inputs: upserts });
    assert.ok(mixed.results[0] instanceof Contacts.SimplePublicUpsertObject);
    assert.deepEqual(sorted(mixed.results.map((record) => record._new)), [false, true]);
    all.push(mixed.results.find((record) => record._new).id);

    const inputs = all.map((id) => ({ id }));
    const read = await batch.read({ inputs, properties: ["firstname"], propertiesWithHistory: [] });
    const names = read.results.map((record) => record.properties.firstname);
    assert.deepEqual(sorted(names), ["After", "After", "Upserted", "Upserted"]);
    await batch.archive({ inputs });
    const gone = await batch.read({ inputs, properties: [], propertiesWithHistory: [] }, true);
    assert.deepEqual(sorted(ids(gone.results)), sorted(all));
  });

  it("merged records are one, and both ids lead to it", async () => {
    const one = await make({ email: "one@node-merged.example", firstname: "One" });
    const two = await make({ email: "two@node-merged.example", lastname: "Two" });
    const merged = await contacts.basicApi.merge({ primaryObjectId: one.id, objectIdToMerge: two.id });
    assert.ok(merged instanceof Contacts.SimplePublicObject);
    assert.ok(![one.id, two.id].includes(merged.id));
    for (const old of [one.id, two.id]) {
      const there = await contacts.basicApi.getById(old, ["email", "lastname", "hs_merged_object_ids"]);
      assert.equal(there.id, merged.id);
      const { email, lastname, hs_merged_object_ids: olds } = there.properties;
      assert.deepEqual([email, lastname], ["one@node-merged.example", "Two"]);
      assert.deepEqual(sorted(olds.split(";")), sorted([one.id, two.id]));
    }
  });

  it("an erased contact is nowhere", async () => {
    const made = await make({ email: "erased@node.example" });
    await contacts.basicApi.purge({ objectId: "erased@node.example", idProperty: "email" });
    for (const archived of [false, true]) {
      const gone = contacts.basicApi.getById(made.id, [], [], [], archived);
      assert.equal((await refused("crm/contacts", gone)).code, 404);
    }
  });

  it("a batch read in part names what is missing", async () => {
    const made = await make({ email: "in.part@node.example" });
    const inputs = [{ id: made.id }, { id: NO_SUCH_ID }];
    const read = await contacts.batchApi.read({ inputs, properties: [], propertiesWithHistory: [] });
    assert.ok(read instanceof Contacts.BatchResponseSimplePublicObjectWithErrors);
    assert.deepEqual(ids(read.results), [made.id]);
    assert.equal(read.numErrors, 1);
    assert.ok(read.errors[0] instanceof Contacts.StandardError);
    assert.equal(read.errors[0].category, "OBJECT_NOT_FOUND");
    assert.deepEqual(read.errors[0].context, { ids: [NO_SUCH_ID] });
  });

  it("a batch made in part names the traces that failed, and without traces fails whole", async () => {
    const input = (email, objectWriteTraceId) => ({ properties: { email }, associations: [], objectWriteTraceId });
    const inputs = [input("traced@node.example", "fine"), input("no address", "wrong")];
    const made = await contacts.batchApi.create({ inputs });
    assert.ok(made instanceof Contacts.BatchResponseSimplePublicObjectWithErrors);
    assert.deepEqual(made.results.map((record) => record.objectWriteTraceId), ["fine"]);
    assert.deepEqual(made.errors[0].context.objectWriteTraceId, ["wrong"]);
    assert.equal(made.errors[0].category, "VALIDATION_ERROR");

    const whole = [input("whole@node.example"), input("traced@node.example")];
    const error = await refused("crm/contacts", contacts.batchApi.create({ inputs: whole }));
    assert.deepEqual([error.code, error.body.category], [409, "CONFLICT"]);
    const one = contacts.basicApi.getById("whole@node.example", [], [], [], false, "email");
    assert.equal((await refused("crm/contacts", one)).code, 404);
  });
});

describe("linking", () => {
  const spec = (associationCategory, associationTypeId) => ({ associationCategory, associationTypeId });
  const pair = (from, to, ...types) => ({ _from: { id: from.id }, to: { id: to.id }, types });
  const linked = async (person) => {
    const page = await links.basicApi.getPage("contacts", person.id, "companies", undefined, 500);
    return Object.fromEntries(
      page.results.map((link) => [link.toObjectId, sorted(link.associationTypes.map((type) => type.typeId))]),
    );
  };
  const trio = async (name) => [
    await make({ email: `${name}@node.example` }),
    await company(`${name} 1`),
    await company(`${name} 2`),
  ];

  it("a default link answers its types and holds both ways", async () => {
    const [person, first] = await trio("default");
    const made = await links.basicApi.createDefault("contact", person.id, "company", first.id);
    assert.ok(made instanceof Links.BatchResponsePublicDefaultAssociation);
    const there = made.results.find((entry) => entry.associationSpec.associationTypeId === 279);
    assert.deepEqual([there._from.id, there.to.id], [person.id, first.id]);
    assert.ok((await linked(person))[first.id].includes(279));
    const back = await links.basicApi.getPage("companies", first.id, "contacts");
    assert.deepEqual(back.results.map((link) => String(link.toObjectId)), [person.id]);
  });

  it("a labelled link carries its label until it ends", async () => {
    const [person, first] = await trio("labelled");
    const definitions = links.schema.definitionsApi;
    const names = { name: "node_auditor", label: "Node auditor", inverseLabel: "Node audited" };
    const made = await definitions.create("contacts", "companies", names);
    const label = made.results.find((type) => type.label === "Node auditor");
    assert.equal(label.category, "USER_DEFINED");
    const types = [spec("USER_DEFINED", label.typeId)];
    const answer = await links.basicApi.create("contacts", person.id, "companies", first.id, types);
    assert.ok(answer instanceof Links.LabelsBetweenObjectPair);
    assert.deepEqual(answer.labels, ["Node auditor"]);
    assert.deepEqual([String(answer.fromObjectId), String(answer.toObjectId)], [person.id, first.id]);
    const page = await links.basicApi.getPage("contacts", person.id, "companies");
    const shown = page.results[0].associationTypes.map((type) => type.label);
    assert.deepEqual(new Set(shown), new Set([null, "Node auditor"]));
    await links.basicApi.archive("contacts", person.id, "companies", first.id);
    assert.deepEqual(await linked(person), {});
    await definitions.remove("contacts", "companies", label.typeId);
  });

  it("batches create, unlabel, default and archive", async () => {
    const [person, first, second] = await trio("batches");
    const [plain, primary] = [spec("HUBSPOT_DEFINED", 279), spec("HUBSPOT_DEFINED", 1)];
    const inputs = [pair(person, first, plain, primary), pair(person, second, plain)];
    const made = await links.batchApi.create("contacts", "companies", { inputs });
    assert.ok(made instanceof Links.BatchResponseLabelsBetweenObjectPair);
    assert.deepEqual(await linked(person), { [first.id]: [1, 279], [second.id]: [279] });
    await links.batchApi.archiveLabels("contacts", "companies", { inputs: [pair(person, first, primary)] });
    assert.deepEqual(await linked(person), { [first.id]: [279], [second.id]: [279] });
    const fan = { _from: { id: person.id }, to: [{ id: first.id }, { id: second.id }] };
    await links.batchApi.archive("contacts", "companies", { inputs: [fan] });
    assert.deepEqual(await linked(person), {});
    const again = await links.batchApi.createDefault("contacts", "companies", { inputs: [pair(person, second)] });
    assert.ok(again.results.some((entry) => entry.associationSpec.associationTypeId === 279));
    assert.deepEqual(Object.keys(await linked(person)), [second.id]);
  });

  it("a batch read is a 207 where one has no links", async () => {
    const [person, first] = await trio("read");
    const [lone] = await trio("lone");
    await links.basicApi.createDefault("contacts", person.id, "companies", first.id);
    const inputs = [{ id: person.id }, { id: lone.id }];
    const read = await links.batchApi.getPage("contacts", "companies", { inputs });
    assert.ok(read instanceof Links.BatchResponsePublicAssociationMultiWithLabelWithErrors);
    assert.equal(read.results[0]._from.id, person.id);
    assert.equal(String(read.results[0].to[0].toObjectId), first.id);
    assert.ok(read.results[0].to[0].associationTypes[0] instanceof Links.AssociationSpecWithLabel);
    assert.equal(read.errors[0].subCategory, "crm.associations.NO_ASSOCIATIONS_FOUND");
    assert.deepEqual(read.errors[0].context.fromObjectId, [lone.id]);
    const whole = await links.batchApi.getPage("contacts", "companies", { inputs: [{ id: person.id }] });
    assert.ok(whole instanceof Links.BatchResponsePublicAssociationMultiWithLabel);
  });

  it("the older batches still link", async () => {
    const [person, first] = await trio("older");
    const inputs = [{ ...pair(person, first), type: "contact_to_company" }];
    const made = await crm.associations.batchApi.create("contacts", "companies", { inputs });
    assert.deepEqual(sorted(made.results.map((link) => link._from.id)), sorted([person.id, first.id]));
    const read = await crm.associations.batchApi.read("contacts", "companies", { inputs: [{ id: person.id }] });
    assert.deepEqual(new Set(ids(read.results[0].to)), new Set([first.id]));
    await crm.associations.batchApi.archive("contacts", "companies", { inputs });
    assert.deepEqual(await linked(person), {});
  });
});

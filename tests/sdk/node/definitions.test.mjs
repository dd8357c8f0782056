/**
 * HubSpot's own Node client against the pretend portal: people, pipelines, properties, schemas.
 *
 * Deliberately absent: labels of links, which stand with the links (sdk.test.mjs).
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { connect, models, refused } from "./portal.mjs";

const { crm, settings } = connect();

describe("definitions", () => {
  it("owners page, and archived ones come apart", async () => {
    const api = crm.owners.ownersApi;
    const page = await api.getPage(undefined, undefined, 2);
    const [owner] = page.results;
    assert.ok(owner instanceof models("crm/owners").PublicOwner && owner.createdAt instanceof Date);
    assert.deepEqual([typeof owner.id, typeof owner.userId], ["string", "number"]);
    const [next] = (await api.getPage(undefined, page.paging.next.after, 2)).results;
    assert.equal(next.id, page.paging.next.after);
    assert.equal((await api.getById(Number(owner.id))).email, owner.email);
    const [byEmail] = (await api.getPage(owner.email)).results;
    assert.equal(byEmail.id, owner.id);
    const gone = (await api.getPage(undefined, undefined, 100, true)).results;
    assert.ok(gone.length > 0 && gone.every((owner) => owner.archived && !owner.userId));
  });

  it("users and teams are listed", async () => {
    const users = (await settings.users.usersApi.getPage(100)).results;
    const teams = (await settings.users.teamsApi.getAll()).results;
    const members = teams.flatMap((team) => team.userIds);
    assert.ok(members.length > 0 && members.every((id) => users.some((user) => user.id === id)));
  });

  it("pipelines come with stages and are made, changed and archived", async () => {
    const { pipelinesApi, pipelineStagesApi } = crm.pipelines;
    const deals = (await pipelinesApi.getAll("deals")).results.find((pipeline) => pipeline.id === "default");
    assert.ok(deals instanceof models("crm/pipelines").Pipeline);
    const won = deals.stages.find((stage) => stage.id === "closedwon");
    assert.deepEqual(won.metadata, { isClosed: "true", probability: "1.0" });
    const stages = [{ label: "New", displayOrder: 0, metadata: { probability: "0.1" } }];
    const made = await pipelinesApi.create("deals", { label: "Node", displayOrder: 9, stages });
    const done = { label: "Done", displayOrder: 1, metadata: { probability: "1.0" } };
    const stage = await pipelineStagesApi.create("deals", made.id, done);
    assert.equal((await pipelineStagesApi.getById("deals", made.id, stage.id)).label, "Done");
    await pipelinesApi.update("deals", made.id, { label: "Node 2" });
    assert.equal((await pipelinesApi.getById("deals", made.id)).label, "Node 2");
    await pipelinesApi.archive("deals", made.id, true);
    assert.equal((await refused("crm/pipelines", pipelinesApi.getById("deals", made.id))).code, 404);
  });

  it("properties are listed, made once, changed and archived", async () => {
    const api = crm.properties.coreApi;
    const list = (await api.getAll("contacts")).results;
    assert.ok(list.length >= 399);
    const created = list.find((property) => property.name === "createdate");
    assert.equal(created.modificationMetadata.readOnlyValue, true);
    const options = [{ label: "Red", value: "red", displayOrder: 0, hidden: false }];
    const shape = { type: "enumeration", fieldType: "select", groupName: "contactinformation", options };
    const body = { name: "node_colour", label: "Colour", ...shape };
    const made = await api.create("contacts", body);
    assert.deepEqual([made.name, made.options[0].value], ["node_colour", "red"]);
    const error = await refused("crm/properties", api.create("contacts", body));
    assert.deepEqual([error.code, error.body.category], [409, "OBJECT_ALREADY_EXISTS"]);
    await api.update("contacts", "node_colour", { label: "Shade" });
    assert.equal((await api.getByName("contacts", "node_colour")).label, "Shade");
    await api.archive("contacts", "node_colour");
    assert.equal((await refused("crm/properties", api.getByName("contacts", "node_colour"))).code, 404);
    const gone = (await api.getAll("contacts", true)).results;
    assert.deepEqual(gone.map((property) => property.name).filter((name) => name === "node_colour").length, 1);
    const read = await crm.properties.batchApi.read("contacts", {
      archived: false,
      inputs: [{ name: "email" }, { name: "no_such_property" }],
    });
    assert.ok(read instanceof models("crm/properties").BatchResponsePropertyWithErrors);
  });

  it("the schema of a custom object leads to its records", async () => {
    const [schema] = (await crm.schemas.coreApi.getAll()).results;
    assert.ok(schema instanceof models("crm/schemas").ObjectSchema);
    assert.ok(schema.properties.length > 0 && schema.associations.length > 0);
    for (const name of [schema.objectTypeId, schema.fullyQualifiedName, schema.name]) {
      assert.equal((await crm.schemas.coreApi.getById(name)).objectTypeId, schema.objectTypeId);
      const [record] = (await crm.objects.basicApi.getPage(name, 1)).results;
      assert.ok(schema.primaryDisplayProperty in record.properties);
    }
  });
});

"""HubSpot's own Python client against the pretend portal: what is known about people, pipelines, properties, schemas.

Deliberately absent: labels of links, which stand with the links (test_sdk).
"""

from hubspot.crm import objects, owners, pipelines, properties, schemas

from portal import Case, connect


class Definitions(Case):
    def test_owners_page_and_archived_ones_come_apart(self):
        first = self.client.crm.owners.owners_api.get_page(limit=2)
        self.assertEqual(len(first.results), 2)
        everyone = self.client.crm.owners.get_all()
        self.assertGreater(len(everyone), 2)
        self.assertEqual(first.paging.next.after, everyone[2].id)
        owner = everyone[0]
        self.assertIsInstance(owner, owners.PublicOwner)
        self.assertIsInstance(owner.id, str)
        self.assertIsInstance(owner.user_id, int)
        self.assertEqual(self.client.crm.owners.owners_api.get_by_id(owner.id).email, owner.email)
        teams = [team for owner in everyone for team in owner.teams or []]
        self.assertTrue(teams and all(isinstance(team, owners.PublicTeam) for team in teams))
        gone = self.client.crm.owners.get_all(archived=True)
        self.assertTrue(gone and all(owner.archived and owner.user_id is None for owner in gone))

    def test_users_and_teams_are_listed(self):
        users = self.client.settings.users.users_api.get_page(limit=100).results
        self.assertTrue(all(isinstance(user.id, str) and "@" in user.email for user in users))
        teams = self.client.settings.users.teams_api.get_all().results
        members = {member for team in teams for member in team.user_ids}
        self.assertTrue(members and members <= {user.id for user in users})

    def test_pipelines_come_with_stages_and_are_made_changed_and_archived(self):
        api, stages = self.client.crm.pipelines.pipelines_api, self.client.crm.pipelines.pipeline_stages_api
        default = next(p for p in api.get_all("deals").results if p.id == "default")
        self.assertIsInstance(default, pipelines.Pipeline)
        won = next(stage for stage in default.stages if stage.id == "closedwon")
        self.assertEqual(won.metadata, {"isClosed": "true", "probability": "1.0"})
        new = pipelines.PipelineStageInput(label="New", display_order=0, metadata={"probability": "0.1"})
        made = api.create("deals", pipelines.PipelineInput(label="SDK", display_order=9, stages=[new]))
        self.assertEqual([stage.label for stage in made.stages], ["New"])
        done = pipelines.PipelineStageInput(label="Done", display_order=1, metadata={"probability": "1.0"})
        stage = stages.create("deals", made.id, done)
        self.assertEqual(stages.get_by_id("deals", made.id, stage.id).label, "Done")
        stages.archive("deals", made.id, stage.id)
        api.update("deals", made.id, pipelines.PipelinePatchInput(label="SDK 2"))
        self.assertEqual(api.get_by_id("deals", made.id).label, "SDK 2")
        api.archive("deals", made.id, validate_references_before_delete=True)
        self.refused(pipelines.exceptions.NotFoundException, api.get_by_id, "deals", made.id)

    def test_properties_are_listed_made_once_changed_and_archived(self):
        api = self.client.crm.properties.core_api
        known = {p.name: p for p in api.get_all("contacts").results}
        self.assertGreaterEqual(len(known), 399)
        self.assertIsInstance(known["lifecyclestage"], properties.ModelProperty)
        self.assertIn("lead", {option.value for option in known["lifecyclestage"].options})
        self.assertIs(known["createdate"].modification_metadata.read_only_value, True)
        body = properties.PropertyCreate(
            name="sdk_colour",
            label="Colour",
            type="enumeration",
            field_type="select",
            group_name="contactinformation",
            form_field=False,
            display_order=3,
            options=[
                properties.OptionInput(label="Red", value="red", display_order=7, hidden=False, description="Warm"),
                properties.OptionInput(label="Blue", value="blue", display_order=2, hidden=True),
            ],
        )
        made = api.create("contacts", body)
        self.assertEqual((made.name, made.form_field, made.display_order), ("sdk_colour", False, 3))
        options = {o.value: (o.label, o.display_order, o.hidden, o.description) for o in made.options}
        self.assertEqual(options, {"red": ("Red", 7, False, "Warm"), "blue": ("Blue", 2, True, "")})
        error, refusal = self.refused(properties.ApiException, api.create, "contacts", body)
        self.assertEqual((error.status, refusal["category"]), (409, "OBJECT_ALREADY_EXISTS"))
        api.update("contacts", "sdk_colour", properties.PropertyUpdate(label="Shade"))
        self.assertEqual(api.get_by_name("contacts", "sdk_colour").label, "Shade")
        self.assertEqual(self.make(email="colour@sdk.example", sdk_colour="red").properties["sdk_colour"], "red")
        api.archive("contacts", "sdk_colour")
        self.refused(properties.exceptions.NotFoundException, api.get_by_name, "contacts", "sdk_colour")
        self.assertIn("sdk_colour", {p.name for p in api.get_all("contacts", archived=True).results})
        groups = self.client.crm.properties.groups_api.get_all("contacts").results
        self.assertIn("contactinformation", {group.name for group in groups})

    def test_a_batch_of_properties_names_what_is_missing(self):
        request = {"archived": False, "inputs": [{"name": "email"}, {"name": "no_such_property"}]}
        read = self.client.crm.properties.batch_api.read("contacts", request)
        self.assertIsInstance(read, properties.BatchResponsePropertyWithErrors)
        self.assertEqual([p.name for p in read.results], ["email"])
        self.assertEqual(read.errors[0].category, "OBJECT_NOT_FOUND")

    def test_the_schema_of_a_custom_object_leads_to_its_records(self):
        api = self.client.crm.schemas.core_api
        schema = api.get_all().results[0]
        self.assertIsInstance(schema, schemas.ObjectSchema)
        self.assertTrue(schema.properties and schema.associations and schema.labels.plural)
        names = (schema.object_type_id, schema.fully_qualified_name, schema.name)
        for name in names:
            self.assertEqual(api.get_by_id(name).object_type_id, schema.object_type_id)
            page = self.client.crm.objects.basic_api.get_page(name, limit=2)
            self.assertIsInstance(page.results[0], objects.SimplePublicObjectWithAssociations)
            self.assertIn(schema.primary_display_property, page.results[0].properties)
        values = {name: "SDK 29" for name in schema.required_properties}
        made = self.client.crm.objects.basic_api.create(names[0], {"properties": values})
        self.client.crm.objects.basic_api.archive(names[1], made.id)

    def test_definitions_have_all_that_their_models_require(self):
        strict = connect(client_side_validation=True).crm
        self.assertTrue(strict.owners.get_all())
        for object_type in ("contacts", "companies", "deals", "tickets"):
            self.assertTrue(strict.properties.core_api.get_all(object_type).results)
            self.assertTrue(strict.properties.groups_api.get_all(object_type).results)
        for object_type in ("deals", "tickets"):
            self.assertTrue(strict.pipelines.pipelines_api.get_all(object_type).results)
        self.assertTrue(strict.schemas.core_api.get_all().results)
        self.assertTrue(strict.associations.v4.schema.definitions_api.get_all("deals", "contacts").results)

"""HubSpot's own Python client against the pretend portal: records and links.

It knows nothing of ours, so what it cannot send or read is wrong over there. Deliberately absent: what the client
itself does not look at (tests/journeys).
"""

import datetime

from hubspot.crm import associations, contacts
from hubspot.crm.associations import v4 as links
from hubspot.crm.associations.v4 import schema as labels

from portal import NO_SUCH_ID, Case, connect, contact


def find(property_name, operator, **operand):
    """A search of one filter."""
    only = contacts.Filter(property_name=property_name, operator=operator, **operand)
    return contacts.FilterGroup(filters=[only])


class Reading(Case):
    def test_a_page_has_records_with_dates_and_the_cursor_of_the_next(self):
        wanted = ["email", "firstname", "phone", "no_such_property"]
        page = self.contacts.basic_api.get_page(limit=7, properties=wanted)
        self.assertEqual(len(page.results), 7)
        for record in page.results:
            self.assertIsInstance(record, contacts.SimplePublicObjectWithAssociations)
            self.assertRegex(record.id, r"^\d+$")
            self.assertEqual(record.properties["hs_object_id"], record.id)
            self.assertIsInstance(record.created_at, datetime.datetime)
            self.assertGreaterEqual(record.updated_at, record.created_at)
            self.assertIs(record.archived, False)
            names = {"email", "firstname", "phone", "hs_object_id", "createdate", "lastmodifieddate"}
            self.assertEqual(set(record.properties), names)
        after = self.contacts.basic_api.get_page(limit=1, after=page.paging.next.after)
        self.assertEqual(after.results[0].id, page.paging.next.after)
        self.assertIn(f"after={page.paging.next.after}", page.paging.next.link)

    def test_get_all_walks_every_page(self):
        everyone = self.contacts.get_all(properties=["email"])
        ids = [int(record.id) for record in everyone]
        self.assertEqual(len(ids), self.contacts.search_api.do_search({"limit": 1}).total)
        self.assertGreater(len(ids), 200)
        self.assertEqual(ids, sorted(set(ids)))
        by_type = self.client.crm.objects.get_all("contacts")
        self.assertEqual([int(record.id) for record in by_type], ids)

    def test_get_all_with_history_takes_smaller_pages(self):
        everyone = self.contacts.get_all(properties_with_history=["firstname"], limit=60)
        self.assertEqual(len(everyone), 60)
        history = everyone[0].properties_with_history["firstname"]
        self.assertIsInstance(history[0], contacts.ValueWithTimestamp)
        self.assertIsInstance(history[0].timestamp, datetime.datetime)

    def test_the_last_page_has_no_paging(self):
        last = self.contacts.get_all()[-1]
        page = self.contacts.basic_api.get_page(limit=10, after=last.id)
        self.assertEqual([record.id for record in page.results], [last.id])
        self.assertIsNone(page.paging)

    def test_archived_records_are_listed_apart(self):
        gone = self.make(email="listed.apart@sdk.example")
        self.contacts.basic_api.archive(gone.id)
        archived = {record.id: record for record in self.contacts.get_all(archived=True)}
        self.assertIs(archived[gone.id].archived, True)
        self.assertIsInstance(archived[gone.id].archived_at, datetime.datetime)
        self.assertNotIn(gone.id, {record.id for record in self.contacts.get_all()})

    def test_one_record_comes_by_id_and_by_email(self):
        made = self.make(email="by.email@sdk.example", firstname="Bea")
        by_id = self.contacts.basic_api.get_by_id(made.id, properties=["firstname", "phone"])
        self.assertEqual(by_id.properties["firstname"], "Bea")
        self.assertIn("phone", by_id.properties)
        self.assertIsNone(by_id.properties["phone"])
        by_email = self.contacts.basic_api.get_by_id("by.email@sdk.example", id_property="email")
        self.assertEqual(by_email.id, made.id)

    def test_links_inside_a_record_are_absent_where_there_are_none(self):
        lone = self.make(email="lone@sdk.example")
        self.assertIsNone(self.contacts.basic_api.get_by_id(lone.id, associations=["companies"]).associations)
        company = self.company("Inside & Co")
        self.links.basic_api.create_default("contacts", lone.id, "companies", company.id)
        linked = self.contacts.basic_api.get_by_id(lone.id, associations=["companies", "deals"])
        self.assertEqual(set(linked.associations), {"companies"})
        inside = linked.associations["companies"].results
        self.assertIsInstance(inside[0], contacts.AssociatedId)
        self.assertEqual({entry.id for entry in inside}, {company.id})
        self.assertTrue(all(entry.type.startswith("contact_to_company") for entry in inside))

    def test_every_type_is_listed_with_all_that_its_model_requires(self):
        strict = connect(client_side_validation=True).crm
        own = ("companies", "contacts", "deals", "line_items", "products", "tickets")
        engagements = ("calls", "emails", "meetings", "notes", "tasks")
        apis = [getattr(strict, name) for name in own]
        apis += [getattr(strict.objects, name) for name in engagements]
        for api in apis:
            page = api.basic_api.get_page(limit=3)
            with self.subTest(type(page).__module__):
                self.assertEqual(len(page.results), 3)
                self.assertEqual(api.basic_api.get_by_id(page.results[0].id).id, page.results[0].id)
                self.assertEqual(
                    api.search_api.do_search({"limit": 3}).results[0].properties["hs_object_id"],
                    api.search_api.do_search({"limit": 1}).results[0].id,
                )


class Searching(Case):
    def search(self, **request):
        return self.contacts.search_api.do_search(contacts.PublicObjectSearchRequest(**request))

    def test_a_search_pages_by_offset_to_its_total(self):
        self.make(email="offset@sdk.example", lastname="Offset")
        seen, after, total = [], None, None
        while True:
            page = self.search(filter_groups=[find("email", "HAS_PROPERTY")], limit=100, after=after)
            self.assertIsInstance(page, contacts.CollectionResponseWithTotalSimplePublicObjectForwardPaging)
            seen += [record.id for record in page.results]
            total = page.total
            if page.paging is None:
                break
            self.assertEqual(page.paging.next.after, str(len(seen)))
            after = page.paging.next.after
        self.assertEqual(len(seen), total)
        self.assertEqual(len(set(seen)), total)

    def test_without_a_limit_ten_come_the_oldest_first(self):
        page = self.search()
        self.assertEqual(len(page.results), 10)
        created = [record.created_at for record in page.results]
        self.assertEqual(created, sorted(created))

    def test_sorts_are_names_with_a_minus_or_objects(self):
        for sorts in (["-email"], [{"propertyName": "email", "direction": "DESCENDING"}]):
            request = {"filter_groups": [find("email", "HAS_PROPERTY")], "properties": ["email"], "limit": 50}
            emails = [r.properties["email"] for r in self.search(sorts=sorts, **request).results]
            self.assertEqual(emails, sorted(emails, reverse=True))

    def test_filters_in_a_group_all_hold_and_groups_are_alternatives(self):
        first = self.make(email="and.one@sdk.example", firstname="Ada", lastname="Andor")
        second = self.make(email="and.two@sdk.example", firstname="Bob", lastname="Andor")
        ada = find("firstname", "EQ", value="Ada")
        ada.filters.append(contacts.Filter(property_name="lastname", operator="EQ", value="Andor"))
        self.assertEqual([r.id for r in self.search(filter_groups=[ada]).results], [first.id])
        either = self.search(filter_groups=[ada, find("email", "EQ", value="and.two@sdk.example")])
        self.assertEqual({r.id for r in either.results}, {first.id, second.id})

    def test_every_operator_is_understood(self):
        made = self.make(email="operators@sdk.example", firstname="Operators", phone="+47 00 00 42")
        me = find("hs_object_id", "EQ", value=made.id).filters[0]
        past, future = "1500000000000", "4000000000000"
        for name, operator, operand, fits in [
            ("firstname", "EQ", {"value": "operators"}, True),
            ("firstname", "NEQ", {"value": "operators"}, False),
            ("createdate", "GT", {"value": past}, True),
            ("createdate", "GTE", {"value": "2017-07-14T02:40:00.000Z"}, True),
            ("createdate", "LT", {"value": past}, False),
            ("createdate", "LTE", {"value": future}, True),
            ("createdate", "BETWEEN", {"value": past, "high_value": future}, True),
            ("firstname", "IN", {"values": ["operators", "someone"]}, True),
            ("firstname", "NOT_IN", {"values": ["operators"]}, False),
            ("phone", "HAS_PROPERTY", {}, True),
            ("phone", "NOT_HAS_PROPERTY", {}, False),
            ("email", "CONTAINS_TOKEN", {"value": "operators*"}, True),
            ("email", "NOT_CONTAINS_TOKEN", {"value": "operators*"}, False),
        ]:
            group = find(name, operator, **operand)
            group.filters.append(me)
            with self.subTest(f"{name} {operator}"):
                self.assertEqual(self.search(filter_groups=[group]).total, int(fits))

    def test_words_and_links_find_records(self):
        made = self.make(email="words@sdk.example", firstname="Xanthippe", lastname="Quillfeather")
        self.assertEqual([r.id for r in self.search(query="Quillfeather").results], [made.id])
        company = self.company("Links & Co")
        self.links.basic_api.create_default("contacts", made.id, "companies", company.id)
        linked = self.search(filter_groups=[find("associations.company", "EQ", value=company.id)])
        self.assertEqual([r.id for r in linked.results], [made.id])

    def test_a_search_too_far_or_too_wide_is_refused(self):
        for request in (
            {"limit": 100, "after": "9950"},
            {"limit": 201},
            {"filter_groups": [find("email", "HAS_PROPERTY")] * 6},
            {"filter_groups": [contacts.FilterGroup(filters=find("email", "HAS_PROPERTY").filters * 7)]},
        ):
            with self.subTest(request):
                error, body = self.refused(contacts.ApiException, self.search, **request)
                self.assertEqual((error.status, body["status"]), (400, "error"))


class Writing(Case):
    def test_a_new_record_answers_what_was_written_and_no_more(self):
        made = self.make(email="partial@sdk.example", firstname="Pia")
        self.assertIsInstance(made, contacts.SimplePublicObject)
        self.assertRegex(made.id, r"^\d+$")
        self.assertEqual(made.properties["email"], "partial@sdk.example")
        self.assertEqual(made.properties["hs_object_id"], made.id)
        self.assertNotIn("lastname", made.properties)
        self.assertIsInstance(made.created_at, datetime.datetime)

    def test_a_record_is_born_with_links(self):
        company = self.company("Born & Co")
        plain = contacts.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=279)
        to = contacts.PublicAssociationsForObject(to=contacts.PublicObjectId(id=company.id), types=[plain])
        body = contacts.SimplePublicObjectInputForCreate(
            properties={"email": "born@sdk.example"}, associations=[to]
        )
        made = self.contacts.basic_api.create(body)
        page = self.links.basic_api.get_page("contacts", made.id, "companies")
        self.assertEqual([link.to_object_id for link in page.results], [company.id])

    def test_an_update_answers_what_it_wrote_and_clears_with_nothing(self):
        made = self.make(email="update@sdk.example", firstname="Uma", lastname="Old")
        change = contacts.SimplePublicObjectInput(properties={"lastname": "New", "firstname": ""})
        answer = self.contacts.basic_api.update(made.id, change)
        self.assertEqual(answer.properties["lastname"], "New")
        self.assertNotIn("email", answer.properties)
        by_email = contacts.SimplePublicObjectInput(properties={"jobtitle": "Buyer"})
        self.contacts.basic_api.update("update@sdk.example", by_email, id_property="email")
        wanted = ["firstname", "lastname", "jobtitle"]
        now = self.contacts.basic_api.get_by_id(made.id, properties=wanted)
        self.assertEqual([now.properties[name] for name in wanted], [None, "New", "Buyer"])
        self.assertGreaterEqual(now.updated_at, made.updated_at)

    def test_merged_records_are_one_and_both_ids_lead_to_it(self):
        one = self.make(email="one@merged.example", firstname="One")
        two = self.make(email="two@merged.example", lastname="Two")
        body = contacts.PublicMergeInput(primary_object_id=one.id, object_id_to_merge=two.id)
        merged = self.contacts.basic_api.merge(body)
        self.assertIsInstance(merged, contacts.SimplePublicObject)
        self.assertNotIn(merged.id, [one.id, two.id])
        wanted = ["email", "firstname", "lastname", "hs_merged_object_ids"]
        for old in [one.id, two.id]:
            there = self.contacts.basic_api.get_by_id(old, properties=wanted)
            self.assertEqual(there.id, merged.id)
            self.assertEqual(there.properties["email"], "one@merged.example")
            self.assertEqual((there.properties["firstname"], there.properties["lastname"]), ("One", "Two"))
            self.assertEqual(set(there.properties["hs_merged_object_ids"].split(";")), {one.id, two.id})
        inputs = [contacts.SimplePublicObjectId(id=two.id)]
        batch = contacts.BatchReadInputSimplePublicObjectId(
            inputs=inputs, properties=["email"], properties_with_history=[]
        )
        self.assertEqual([record.id for record in self.contacts.batch_api.read(batch).results], [merged.id])

    def test_an_erased_contact_is_nowhere(self):
        for made, asked in [
            (self.make(email="by.id@erased.example"), {}),
            (self.make(email="by.email@erased.example"), {"id_property": "email"}),
        ]:
            object_id = "by.email@erased.example" if asked else made.id
            body = contacts.PublicGdprDeleteInput(object_id=object_id, **asked)
            self.assertIsNone(self.contacts.basic_api.purge(body))
            for archived in [False, True]:
                error, _ = self.refused(
                    contacts.ApiException, self.contacts.basic_api.get_by_id, made.id, archived=archived
                )
                self.assertEqual(error.status, 404)

    def test_an_archived_record_is_gone_and_can_still_be_read(self):
        made = self.make(email="archived@sdk.example")
        self.assertIsNone(self.contacts.basic_api.archive(made.id))
        self.refused(contacts.exceptions.NotFoundException, self.contacts.basic_api.get_by_id, made.id)
        there = self.contacts.basic_api.get_by_id(made.id, archived=True)
        self.assertEqual((there.id, there.archived), (made.id, True))

    def test_batches_create_read_update_upsert_and_archive(self):
        batch = self.contacts.batch_api
        inputs = [contact(email=f"batch.{n}@sdk.example", firstname="Before") for n in range(3)]
        made = batch.create(contacts.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
        self.assertIsInstance(made, contacts.BatchResponseSimplePublicObject)
        self.assertEqual((made.status, len(made.results)), ("COMPLETE", 3))
        self.assertLessEqual(made.started_at, made.completed_at)
        ids = {record.id for record in made.results}

        changes = [{"id": id, "properties": {"firstname": "After"}} for id in ids]
        done = batch.update(contacts.BatchInputSimplePublicObjectBatchInput(inputs=changes))
        self.assertEqual({record.id for record in done.results}, ids)

        upserts = [
            contacts.SimplePublicObjectBatchInputUpsert(
                id=email, id_property="email", properties={"firstname": "Upserted"}
            )
            for email in ("batch.0@sdk.example", "batch.new@sdk.example")
        ]
        mixed = batch.upsert(contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=upserts))
        self.assertIsInstance(mixed.results[0], contacts.SimplePublicUpsertObject)
        self.assertEqual({record.new for record in mixed.results}, {True, False})
        ids |= {record.id for record in mixed.results}
        self.assertEqual(len(ids), 4)

        emails = [{"id": f"batch.{n}@sdk.example"} for n in (0, 1, "new")]
        request = contacts.BatchReadInputSimplePublicObjectId(
            inputs=emails, id_property="email", properties=["firstname"], properties_with_history=[]
        )
        names = {record.properties["firstname"] for record in batch.read(request).results}
        self.assertEqual(names, {"Upserted", "After"})

        gone = contacts.BatchInputSimplePublicObjectId(inputs=[{"id": id} for id in ids])
        self.assertIsNone(batch.archive(gone))
        request = contacts.BatchReadInputSimplePublicObjectId(
            inputs=[{"id": id} for id in ids], properties=[], properties_with_history=[]
        )
        self.assertEqual({record.id for record in batch.read(request, archived=True).results}, ids)

    def test_a_batch_read_in_part_names_what_is_missing(self):
        made = self.make(email="in.part@sdk.example")
        request = contacts.BatchReadInputSimplePublicObjectId(
            inputs=[{"id": made.id}, {"id": NO_SUCH_ID}], properties=[], properties_with_history=[]
        )
        read, status, _ = self.contacts.batch_api.read_with_http_info(request)
        self.assertEqual(status, 207)
        self.assertIsInstance(read, contacts.BatchResponseSimplePublicObjectWithErrors)
        self.assertEqual([record.id for record in read.results], [made.id])
        self.assertEqual(read.num_errors, 1)
        self.assertIsInstance(read.errors[0], contacts.StandardError)
        self.assertEqual(read.errors[0].category, "OBJECT_NOT_FOUND")
        self.assertEqual(read.errors[0].context, {"ids": [NO_SUCH_ID]})

    def test_a_batch_made_in_part_names_the_traces_that_failed(self):
        def traced(trace, **values):
            return contacts.SimplePublicObjectBatchInputForCreate(
                properties=values, object_write_trace_id=trace, associations=[]
            )

        inputs = [traced("fine", email="traced@sdk.example"), traced("wrong", email="no address")]
        request = contacts.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)
        made, status, _ = self.contacts.batch_api.create_with_http_info(request)
        self.assertEqual(status, 207)
        self.assertEqual([record.object_write_trace_id for record in made.results], ["fine"])
        self.assertEqual(made.errors[0].category, "VALIDATION_ERROR")
        self.assertEqual(made.errors[0].context["objectWriteTraceId"], ["wrong"])
        self.assertEqual(made.errors[0].errors[0].code, "INVALID_EMAIL")

    def test_more_than_a_hundred_inputs_are_refused(self):
        many = [{"id": str(n)} for n in range(101)]
        request = {"inputs": many, "properties": [], "propertiesWithHistory": []}
        error, body = self.refused(contacts.ApiException, self.contacts.batch_api.read, request)
        self.assertEqual((error.status, body["category"]), (400, "VALIDATION_ERROR"))


class Linking(Case):
    def setUp(self):
        super().setUp()
        name = self.id().rsplit(".", 1)[1]
        self.person = self.make(email=f"{name}@sdk.example")
        self.first, self.second = self.company(f"{name} 1"), self.company(f"{name} 2")

    def linked(self):
        """The person's companies, each with its type ids."""
        page = self.links.basic_api.get_page("contacts", self.person.id, "companies", limit=500)
        return {link.to_object_id: {t.type_id for t in link.association_types} for link in page.results}

    def pair(self, company, *types):
        return links.PublicAssociationMultiPost(
            _from=links.PublicObjectId(id=self.person.id),
            to=links.PublicObjectId(id=company.id),
            types=[links.AssociationSpec(association_category=c, association_type_id=t) for c, t in types],
        )

    def test_a_default_link_answers_its_types_and_holds_both_ways(self):
        made = self.links.basic_api.create_default("contact", self.person.id, "company", self.first.id)
        self.assertIsInstance(made, links.BatchResponsePublicDefaultAssociation)
        self.assertEqual(made.status, "COMPLETE")
        specs = {entry.association_spec.association_type_id: entry for entry in made.results}
        self.assertEqual(specs[279]._from.id, self.person.id)
        self.assertEqual(specs[279].to.id, self.first.id)
        self.assertIn(279, self.linked()[self.first.id])
        back = self.links.basic_api.get_page("companies", self.first.id, "contacts")
        self.assertEqual([link.to_object_id for link in back.results], [self.person.id])

    def test_a_labelled_link_carries_its_label_until_it_ends(self):
        definitions = self.links.schema.definitions_api
        request = labels.PublicAssociationDefinitionCreateRequest(
            label="Auditor", name="sdk_auditor", inverse_label="Audited"
        )
        made = definitions.create("contacts", "companies", request)
        self.assertIsInstance(made, labels.CollectionResponseAssociationSpecWithLabelNoPaging)
        label = next(spec for spec in made.results if spec.label == "Auditor")
        self.assertEqual(label.category, "USER_DEFINED")
        known = definitions.get_all("contacts", "companies").results
        self.assertIn(label.type_id, {spec.type_id for spec in known})

        spec = links.AssociationSpec(association_category="USER_DEFINED", association_type_id=label.type_id)
        pair = self.links.basic_api.create("contacts", self.person.id, "companies", self.first.id, [spec])
        self.assertIsInstance(pair, links.LabelsBetweenObjectPair)
        self.assertEqual(pair.labels, ["Auditor"])
        self.assertEqual((pair.from_object_id, pair.to_object_id), (self.person.id, self.first.id))
        page = self.links.basic_api.get_page("contacts", self.person.id, "companies")
        shown = {t.label for t in page.results[0].association_types}
        self.assertEqual(shown, {"Auditor", None})

        self.assertIsNone(
            self.links.basic_api.archive("contacts", self.person.id, "companies", self.first.id)
        )
        self.assertEqual(self.linked(), {})
        definitions.remove("contacts", "companies", label.type_id)
        known = definitions.get_all("contacts", "companies").results
        self.assertNotIn(label.type_id, {spec.type_id for spec in known})

    def test_batches_create_label_unlabel_and_archive(self):
        batch = self.links.batch_api
        plain, primary = ("HUBSPOT_DEFINED", 279), ("HUBSPOT_DEFINED", 1)
        inputs = [self.pair(self.first, plain, primary), self.pair(self.second, plain)]
        request = links.BatchInputPublicAssociationMultiPost(inputs=inputs)
        made = batch.create("contacts", "companies", request)
        self.assertIsInstance(made, links.BatchResponseLabelsBetweenObjectPair)
        self.assertEqual({pair.to_object_id for pair in made.results}, {self.first.id, self.second.id})
        self.assertEqual(self.linked(), {self.first.id: {1, 279}, self.second.id: {279}})

        request = links.BatchInputPublicAssociationMultiPost(inputs=[self.pair(self.first, primary)])
        self.assertIsNone(batch.archive_labels("contacts", "companies", request))
        self.assertEqual(self.linked(), {self.first.id: {279}, self.second.id: {279}})

        both = [links.PublicObjectId(id=company.id) for company in (self.first, self.second)]
        fan = links.PublicAssociationMultiArchive(_from=links.PublicObjectId(id=self.person.id), to=both)
        batch.archive("contacts", "companies", links.BatchInputPublicAssociationMultiArchive(inputs=[fan]))
        self.assertEqual(self.linked(), {})

    def test_a_batch_of_default_links(self):
        request = links.BatchInputPublicDefaultAssociationMultiPost(inputs=[self.pair(self.second)])
        made = self.links.batch_api.create_default("contacts", "companies", request)
        self.assertIn(279, {entry.association_spec.association_type_id for entry in made.results})
        self.assertIn(279, self.linked()[self.second.id])

    def test_a_batch_read_is_a_207_where_one_has_no_links(self):
        self.links.basic_api.create_default("contacts", self.person.id, "companies", self.first.id)
        lone = self.make(email="no.links@sdk.example")
        inputs = [links.PublicFetchAssociationsBatchRequest(id=id) for id in (self.person.id, lone.id)]
        request = links.BatchInputPublicFetchAssociationsBatchRequest(inputs=inputs)
        read, status, _ = self.links.batch_api.get_page_with_http_info("contacts", "companies", request)
        self.assertEqual(status, 207)
        self.assertIsInstance(read, links.BatchResponsePublicAssociationMultiWithLabelWithErrors)
        self.assertEqual([entry._from.id for entry in read.results], [self.person.id])
        self.assertEqual(read.results[0].to[0].to_object_id, self.first.id)
        self.assertIsInstance(read.results[0].to[0].association_types[0], links.AssociationSpecWithLabel)
        self.assertEqual(read.errors[0].sub_category, "crm.associations.NO_ASSOCIATIONS_FOUND")
        self.assertEqual(read.errors[0].context["fromObjectId"], [lone.id])
        request.inputs.pop()
        read = self.links.batch_api.get_page("contacts", "companies", request)
        self.assertIsInstance(read, links.BatchResponsePublicAssociationMultiWithLabel)

    def test_the_older_batches_still_link(self):
        old = self.client.crm.associations.batch_api
        entry = associations.PublicAssociation(
            _from=associations.PublicObjectId(id=self.person.id),
            to=associations.PublicObjectId(id=self.first.id),
            type="contact_to_company",
        )
        request = associations.BatchInputPublicAssociation(inputs=[entry])
        made = old.create("contacts", "companies", request)
        self.assertEqual({link._from.id for link in made.results}, {self.person.id, self.first.id})
        ids = associations.BatchInputPublicObjectId(inputs=[{"id": self.person.id}])
        read = old.read("contacts", "companies", ids)
        self.assertEqual({link.id for link in read.results[0].to}, {self.first.id})
        old.archive("contacts", "companies", request)
        self.assertEqual(self.linked(), {})

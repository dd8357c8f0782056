"""HubSpot's own Python client against the pretend portal: refusals, limits, and the client's own retries.

Deliberately absent: broken answers, which no client's models know of (tests/journeys).
"""

import json

from hubspot.crm import contacts
from urllib3.util.retry import Retry

from portal import LIMITED, NO_SUCH_ID, Case, connect, faults


class Refusals(Case):
    def setUp(self):
        super().setUp()
        self.addCleanup(faults, {})

    def page(self, client=None):
        return (client or self.client).crm.contacts.basic_api.get_page(limit=1)

    def test_no_valid_token_is_a_401(self):
        unknown, undecodable = "INVALID_AUTHENTICATION", "EXPIRED_AUTHENTICATION"
        for token, category in (("pat-eu1-rubbish", unknown), ("rubbish", undecodable)):
            wrong = connect(access_token=token)
            error, body = self.refused(contacts.exceptions.UnauthorizedException, self.page, wrong)
            self.assertEqual((error.status, body["category"]), (401, category))

    def test_a_missing_scope_is_a_403_that_names_it(self):
        faults({"scopes_lost": ["crm.objects.contacts.read"]})
        error, body = self.refused(contacts.exceptions.ForbiddenException, self.page)
        self.assertEqual((error.status, body["category"]), (403, "MISSING_SCOPES"))
        context = body["errors"][0]["context"]
        self.assertEqual(context["requiredGranularScopes"], ["crm.objects.contacts.read"])

    def test_an_unknown_id_is_a_404_in_the_clients_own_error_model(self):
        api = connect(client_side_validation=True).crm.contacts.basic_api
        error, body = self.refused(contacts.exceptions.NotFoundException, api.get_by_id, NO_SUCH_ID)
        self.assertEqual((error.status, error.reason), (404, "Not Found"))
        answer = type("Answer", (), {"data": error.body})
        model = api.api_client.deserialize(answer, "Error")
        self.assertIsInstance(model, contacts.Error)
        self.assertEqual(model.category, "OBJECT_NOT_FOUND")
        self.assertEqual(model.correlation_id, error.headers["X-HubSpot-Correlation-Id"])
        self.assertEqual(model.correlation_id, body["correlationId"])

    def test_a_known_address_is_a_409_that_names_the_contact(self):
        made = self.make(email="twice@sdk.example")
        error, body = self.refused(contacts.ApiException, self.make, email="Twice@sdk.example")
        self.assertEqual((error.status, body["category"]), (409, "CONFLICT"))
        self.assertEqual(body["message"], f"Contact already exists. Existing ID: {made.id}")

    def test_an_unknown_property_is_a_400_that_names_it(self):
        error, body = self.refused(contacts.ApiException, self.make, email="x@sdk.example", nothing="1")
        self.assertEqual((error.status, body["category"]), (400, "VALIDATION_ERROR"))
        self.assertEqual(body["errors"][0]["code"], "PROPERTY_DOESNT_EXIST")
        self.assertEqual(body["errors"][0]["context"], {"propertyName": ["nothing"]})
        embedded = json.loads(body["message"].split(": ", 1)[1])
        self.assertEqual((embedded[0]["name"], embedded[0]["isValid"]), ("nothing", False))

    def test_a_burst_is_a_429_that_names_its_policy(self):
        limited = connect(LIMITED).crm.contacts.basic_api
        _, _, headers = limited.get_page_with_http_info(limit=1)
        self.assertEqual(headers["X-HubSpot-RateLimit-Max"], "100")
        self.assertEqual(headers["X-HubSpot-RateLimit-Daily"], "250000")
        with self.assertRaises(contacts.ApiException) as caught:
            for _ in range(100):
                limited.get_page(limit=1)
        error, body = caught.exception, json.loads(caught.exception.body)
        self.assertEqual((error.status, body["policyName"]), (429, "TEN_SECONDLY_ROLLING"))
        self.assertEqual(body["errorType"], "RATE_LIMIT")
        self.assertNotIn("Retry-After", error.headers)

    def test_the_daily_limit_is_a_429_that_says_so(self):
        faults({"rules": [{"effect": {"limited": {"limit": "daily"}}}]})
        error, body = self.refused(contacts.ApiException, self.page)
        self.assertEqual((error.status, body["policyName"]), (429, "DAILY"))

    def test_searches_too_fast_are_a_429_of_their_own(self):
        search = connect(LIMITED).crm.contacts.search_api
        _, _, headers = search.do_search_with_http_info({"limit": 1})
        self.assertNotIn("X-HubSpot-RateLimit-Max", headers)
        with self.assertRaises(contacts.ApiException) as caught:
            for _ in range(200):
                search.do_search({"limit": 1})
        body = json.loads(caught.exception.body)
        self.assertEqual(caught.exception.status, 429)
        self.assertEqual(body["message"], "You have reached your secondly limit.")

    def test_the_clients_own_retries_outlast_every_429_and_5xx(self):
        retry = Retry(total=3, status_forcelist=(429, 502), allowed_methods=None, backoff_factor=0.01)
        patient = connect(retry=retry).crm.contacts
        for effect in (
            {"limited": {"limit": "ten_secondly"}},
            {"limited": {"limit": "secondly"}},
            {"limited": {"limit": "secondly_by_category", "retry_after": 1}},
            {"status": {"status": 502}},
        ):
            with self.subTest(effect):
                faults({"rules": [{"times": 2, "effect": effect}]})
                self.assertEqual(len(patient.search_api.do_search({"limit": 1}).results), 1)
                faults({"rules": [{"times": 2, "effect": effect}]})
                self.assertEqual(len(patient.basic_api.get_page(limit=1).results), 1)

    def test_a_failing_server_is_the_clients_service_exception(self):
        faults({"rules": [{"times": 1, "effect": {"status": {"status": 503}}}]})
        error, _ = self.refused(contacts.exceptions.ServiceException, self.page)
        self.assertEqual(error.status, 503)

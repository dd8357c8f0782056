"""HubSpot's own Python client against the pretend portal: an app is connected, and its tokens kept alive.

Deliberately absent: the routes of later versions, which this client does not know (the simulator's own tests).
"""

import urllib.error
import urllib.parse
import urllib.request

from hubspot import oauth
from hubspot.utils.oauth import get_auth_url

from portal import OPEN, Case, connect

APP = OPEN["app"]
BACK = APP["redirect_uris"][0]


class Stay(urllib.request.HTTPRedirectHandler):
    """Leaves the browser where it is: nobody waits at the redirect address."""

    def redirect_request(self, *_):
        return None


def decide(decision, **asked):
    """What the browser brings back, once somebody has pressed a button on the page that this client points to."""
    asked = {
        "client_id": APP["client_id"],
        "redirect_uri": BACK,
        "scope": APP["required_scopes"],
        "optional_scope": ["tickets"],
        "state": "a state/+%",
    } | asked
    address = get_auth_url(**asked).replace("https://app.hubspot.com", APP["authorize_base"])
    with urllib.request.urlopen(address) as page:
        assert b'id="approve"' in page.read()
    try:
        urllib.request.build_opener(Stay).open(address, data=f"decision={decision}".encode())
    except urllib.error.HTTPError as answer:
        assert answer.code == 302
        place, query = answer.headers["Location"].split("?")
        assert place == BACK
        return dict(urllib.parse.parse_qsl(query, strict_parsing=True))


class Oauth(Case):
    def setUp(self):
        super().setUp()
        self.oauth = self.client.oauth

    def create(self, **what):
        credentials = {"client_id": APP["client_id"], "client_secret": APP["client_secret"]}
        return self.oauth.tokens_api.create(**(credentials | what))

    def exchange(self, code):
        return self.create(grant_type="authorization_code", code=code, redirect_uri=BACK)

    def refresh(self, token):
        return self.create(grant_type="refresh_token", refresh_token=token)

    def test_an_app_is_connected_and_its_token_opens_what_was_granted(self):
        back = decide("approve")
        self.assertEqual(back["state"], "a state/+%")
        tokens = self.exchange(back["code"])
        self.assertIsInstance(tokens, oauth.TokenResponseIF)
        self.assertEqual((tokens.token_type, tokens.expires_in), ("bearer", 1800))
        app = connect(access_token=tokens.access_token)
        self.assertEqual(len(app.crm.contacts.basic_api.get_page(limit=1).results), 1)
        self.assertEqual(len(app.crm.tickets.basic_api.get_page(limit=1).results), 1)
        with self.assertRaises(Exception) as caught:
            app.crm.products.basic_api.get_page(limit=1)
        self.assertEqual(caught.exception.status, 403)

    def test_a_refresh_brings_another_access_token_and_the_same_refresh_token(self):
        first = self.exchange(decide("approve")["code"])
        second = self.refresh(first.refresh_token)
        self.assertEqual(second.refresh_token, first.refresh_token)
        self.assertNotEqual(second.access_token, first.access_token)

    def test_tokens_tell_what_they_are(self):
        tokens = self.exchange(decide("approve")["code"])
        access = self.oauth.access_tokens_api.get(tokens.access_token)
        self.assertIsInstance(access, oauth.AccessTokenInfoResponse)
        self.assertEqual((access.token, access.token_type), (tokens.access_token, "access"))
        self.assertEqual(str(access.hub_id), OPEN["portal"])
        self.assertEqual(access.scopes, [*APP["required_scopes"], "tickets"])
        refresh = self.oauth.refresh_tokens_api.get(tokens.refresh_token)
        self.assertIsInstance(refresh, oauth.RefreshTokenInfoResponse)
        self.assertEqual((refresh.client_id, refresh.token_type), (APP["client_id"], "refresh"))

    def test_a_refresh_token_that_is_deleted_leaves_the_access_token_alive(self):
        tokens = self.exchange(decide("approve")["code"])
        self.oauth.refresh_tokens_api.archive(tokens.refresh_token)
        error, body = self.refused(oauth.ApiException, self.refresh, tokens.refresh_token)
        self.assertEqual((error.status, body["status"]), (400, "BAD_REFRESH_TOKEN"))
        app = connect(access_token=tokens.access_token)
        self.assertEqual(len(app.crm.contacts.basic_api.get_page(limit=1).results), 1)

    def test_a_code_is_good_once(self):
        code = decide("approve")["code"]
        self.exchange(code)
        error, body = self.refused(oauth.ApiException, self.exchange, code)
        self.assertEqual((error.status, body["status"]), (400, "BAD_AUTH_CODE"))
        self.assertEqual(body["message"], "missing or unknown auth code")

    def test_who_cancels_brings_no_code(self):
        back = decide("deny")
        self.assertEqual((back["error"], back["state"]), ("access_denied", "a state/+%"))
        self.assertNotIn("code", back)

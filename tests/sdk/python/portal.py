"""The pretend portals that `tests/sdk/run` started, as HubSpot's own client sees them.

Deliberately absent: tests.
"""

import json
import os
import unittest
import urllib.request

from hubspot import HubSpot
from hubspot.crm import contacts

OPEN = json.loads(os.environ["PORTSIDE_OPEN"])
LIMITED = json.loads(os.environ["PORTSIDE_LIMITED"])

NO_SUCH_ID = "999999999999"


def connect(portal=OPEN, **config):
    config.setdefault("access_token", portal["token"])
    return HubSpot(host=portal["base_url"], **config)


def faults(what):
    """Switches what is wrong with the open portal; `{}` puts it right."""
    request = urllib.request.Request(
        OPEN["base_url"] + "/_simulator/faults", method="PUT", data=json.dumps(what).encode()
    )
    urllib.request.urlopen(request).close()


def contact(**values):
    return contacts.SimplePublicObjectInputForCreate(properties=values)


class Case(unittest.TestCase):
    def setUp(self):
        self.client = connect()
        self.contacts = self.client.crm.contacts
        self.links = self.client.crm.associations.v4

    def make(self, **values):
        return self.contacts.basic_api.create(contact(**values))

    def company(self, name):
        body = contacts.SimplePublicObjectInputForCreate(properties={"name": name})
        return self.client.crm.companies.basic_api.create(body)

    def refused(self, kind, call, *args, **kwargs):
        """The refusal of a call, and its body in the client's own terms."""
        with self.assertRaises(kind) as caught:
            call(*args, **kwargs)
        error = caught.exception
        return error, json.loads(error.body)

"""Walks the simulator with Azure's published client packages, which know the service better than our own tests.

`cargo xtask conformance` installs the clients, starts the simulator and runs this. AZIMUTH_CONFIG is the simulator's
own config.json, AZIMUTH_WORLD the world it holds, and its lists have two items a page.
"""

import faulthandler
import json
import logging
import os
import sys
import threading
import time
import types
import unittest
import urllib.parse
import warnings
from unittest import mock

import msal
import requests
from azure.core import PipelineClient
from azure.core.credentials import AccessToken
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.core.paging import ItemPaged
from azure.core.pipeline.policies import RetryPolicy, UserAgentPolicy
from azure.core.rest import HttpRequest
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from azure.mgmt.core.polling.arm_polling import ARMPolling
from azure.core.polling import LROPoller
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient
from azure.mgmt.machinelearningservices import models as learning
from azure.mgmt.resource import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient as ResourceSubscriptions
from azure.mgmt.subscription import SubscriptionClient

LONGEST_SECONDS = 240
PAGE_SIZE = 2
POLL_SECONDS = 0.2

CLOUD = json.loads(os.environ["AZIMUTH_CONFIG"])["cloud"]
MANAGEMENT = CLOUD["management"]
TENANT, CLIENT, SECRET = "contoso", "azimuth", "demo-secret-~+/="

WORLDS = {
    "bakery": {
        "region": "westeurope",
        "group": "bakery-rg",
        "workspace": "forecasting",
        "cluster": "cpu-compute",
        "instance": "mayas-computer",
        "experiment": "loaves-per-day",
    },
    "article": {
        "region": "centralus",
        "group": "DeepLearningResourceGroup",
        "workspace": "my-workspace",
        "cluster": "cpu-compute",
        "instance": None,
        "experiment": "my-first-experiment",
    },
}
WORLD = WORLDS[os.environ["AZIMUTH_WORLD"]]
GROUP, WORKSPACE, REGION = WORLD["group"], WORLD["workspace"], WORLD["region"]


class PlainHttp:
    """What msal asks with. It insists on https, in what it asks and in what it is told, and the simulator speaks http."""

    def __init__(self):
        self.session = requests.Session()
        self.asked = []

    def ask(self, method, url, params=None, data=None, headers=None, **_):
        url = url.replace("https://", "http://", 1)
        self.asked.append(url)
        answer = self.session.request(method, url, params=params, data=data, headers=headers, timeout=20)
        text = answer.text.replace(CLOUD["login"], CLOUD["login"].replace("http://", "https://", 1))
        return types.SimpleNamespace(status_code=answer.status_code, headers=answer.headers, text=text)

    def get(self, url, **options):
        return self.ask("GET", url, **options)

    def post(self, url, **options):
        return self.ask("POST", url, **options)

    def close(self):
        self.session.close()


class Credential:
    """A credential object as the clients want it, over msal."""

    def __init__(self, secret=SECRET, tenant=TENANT):
        authority = CLOUD["login"].replace("http://", "https://", 1) + "/" + tenant
        self.http = PlainHttp()
        self.msal = msal.ConfidentialClientApplication(
            CLIENT,
            client_credential=secret,
            authority=authority,
            instance_discovery=False,
            http_client=self.http,
        )

    def get_token(self, *scopes, **_):
        answer = self.msal.acquire_token_for_client(scopes=list(scopes))
        if "access_token" not in answer:
            raise ClientAuthenticationError(message=answer.get("error_description", str(answer)))
        return AccessToken(answer["access_token"], int(time.time()) + int(answer["expires_in"]))


class Fixed:
    """A credential that has one token, whatever is asked."""

    def __init__(self, token):
        self.token = token

    def get_token(self, *_, **__):
        return AccessToken(self.token, 4_000_000_000)


class PlainBearer(ARMChallengeAuthenticationPolicy):
    """The clients' own policy, which sends tokens over https alone unless it is told otherwise."""

    def on_request(self, request):
        request.context.options.setdefault("enforce_https", False)
        super().on_request(request)


CREDENTIAL = Credential()


def options(credential=CREDENTIAL, **more):
    scope = "https://management.azure.com/.default"
    return {
        "credential": credential,
        "base_url": MANAGEMENT,
        "authentication_policy": PlainBearer(credential, scope),
        "retry_total": 0,
        "polling_interval": POLL_SECONDS,
        **more,
    }


def learning_client(version="2019-11-01", **more):
    return MachineLearningServicesMgmtClient(
        subscription_id=SUBSCRIPTION, **options(**more), api_version=version
    )


def resource_client(**more):
    return ResourceManagementClient(subscription_id=SUBSCRIPTION, **options(**more))


SUBSCRIPTION = next(iter(SubscriptionClient(**options()).subscriptions.list())).subscription_id
LEARNING = learning_client()
RESOURCES = resource_client()
PROVIDER = "Microsoft.MachineLearningServices"


def pages(items):
    """The pages of a list, each as names; it ends where the client thinks that it does."""
    found = []
    for page in items.by_page():
        found.append([getattr(item, "name", None) or getattr(item, "id", None) for item in page])
        if len(found) > 50:
            raise AssertionError("the list does not end")
    return found


class Walk(unittest.TestCase):
    def assert_pages(self, items, least):
        found = pages(items)
        names = [name for page in found for name in page]
        self.assertGreaterEqual(len(names), least)
        self.assertEqual(len(set(map(str, names))), len(names), "an item came twice")
        self.assertTrue(all(len(page) == PAGE_SIZE for page in found[:-1]), found)
        self.assertTrue(0 < len(found[-1]) <= PAGE_SIZE or names == [], found)
        return names

    def wait_until(self, is_so):
        for _ in range(100):
            if is_so():
                return
            time.sleep(POLL_SECONDS)
        self.fail("it did not come to pass")

    def assert_refused(self, kind, status, code, ask):
        with self.assertRaises(kind) as caught:
            ask()
        error = caught.exception
        self.assertEqual(error.status_code, status)
        self.assertEqual(error.error.code, code)
        self.assertTrue(error.error.message)
        return error


class SignIn(Walk):
    def test_msal_gets_a_token_and_keeps_it(self):
        credential = Credential()
        first = credential.get_token("https://management.azure.com/.default")
        again = credential.get_token("https://management.azure.com/.default")
        self.assertEqual(first.token, again.token)
        self.assertEqual(first.token.count("."), 2)
        asked = credential.http.asked
        self.assertTrue(any(url.endswith("/v2.0/.well-known/openid-configuration") for url in asked), asked)
        self.assertEqual(sum("/oauth2/v2.0/token" in url for url in asked), 1, asked)

    def test_msal_tells_a_wrong_secret_and_a_wrong_tenant(self):
        with self.assertRaisesRegex(ClientAuthenticationError, "AADSTS7000215"):
            Credential(secret="wrong").get_token("https://management.azure.com/.default")
        with self.assertRaisesRegex(ValueError, "Unable to get authority configuration"):
            Credential(tenant="no-such-tenant")

    def sign_in(self, app, redirect, account="maya@contoso.example", **more):
        """What a person does on the authority's page; ends with what the browser brings back to the application."""
        scopes = ["https://management.azure.com/user_impersonation"]
        flow = app.initiate_auth_code_flow(scopes, redirect_uri=redirect, **more)
        self.assertIn("code_challenge_method=S256", flow["auth_uri"])
        where = flow["auth_uri"].replace("https://", "http://", 1)
        browser = requests.Session()
        page = browser.get(where, timeout=20)
        self.assertEqual(page.status_code, 200)
        self.assertIn("<form method=\"post\">", page.text)
        decision = {"account": account, "decision": "accept"}
        answer = browser.post(where, data=decision, allow_redirects=False, timeout=20)
        self.assertEqual(answer.status_code, 302)
        returned = urllib.parse.urlsplit(answer.headers["Location"])
        self.assertEqual(urllib.parse.urlunsplit(returned._replace(query="")), redirect)
        return flow, dict(urllib.parse.parse_qsl(returned.query))

    def application(self, kind, tenant=TENANT, **more):
        authority = CLOUD["login"].replace("http://", "https://", 1) + "/" + tenant
        return kind(CLIENT, authority=authority, instance_discovery=False, http_client=PlainHttp(), **more)

    def test_msal_signs_a_person_in_and_renews_for_public_and_confidential_clients(self):
        confidential = {"client_credential": SECRET}
        for kind, more, redirect in (
            (msal.PublicClientApplication, {}, "http://localhost:5000"),
            (msal.ConfidentialClientApplication, confidential, "http://localhost:5000/signed-in"),
        ):
            for tenant in (TENANT, "organizations"):
                app = self.application(kind, tenant, **more)
                flow, back = self.sign_in(app, redirect)
                answer = app.acquire_token_by_auth_code_flow(flow, back)
                self.assertNotIn("error", answer, answer)
                # msal has checked its nonce, its audience and its times.
                self.assertEqual(answer["id_token_claims"]["preferred_username"], "maya@contoso.example")
                client = resource_client(credential=Fixed(answer["access_token"]))
                self.assertTrue(list(client.resource_groups.list()))

                (account,) = app.get_accounts()
                scopes = ["https://management.azure.com/user_impersonation"]
                kept = app.acquire_token_silent(scopes, account)
                self.assertEqual(kept["access_token"], answer["access_token"])
                newer = app.acquire_token_silent(scopes, account, force_refresh=True)
                self.assertIn("access_token", newer)
                self.assertEqual(newer["token_source"], "identity_provider")

                again = app.acquire_token_by_auth_code_flow(flow, back)
                self.assertIn("AADSTS54005", again["error_description"])

    def test_msal_tells_why_a_person_was_not_signed_in(self):
        app = self.application(msal.PublicClientApplication)
        flow, back = self.sign_in(app, "http://localhost:5000", account="aadsts70008@contoso.example")
        answer = app.acquire_token_by_auth_code_flow(flow, back)
        self.assertEqual((answer["error"], answer["error_codes"]), ("invalid_grant", [70008]))
        flow, back = self.sign_in(app, "http://localhost:5000", prompt="login")
        flow["code_verifier"] = "x" * 43
        answer = app.acquire_token_by_auth_code_flow(flow, back)
        self.assertEqual(answer["error_codes"], [501481])

        secretless = self.application(msal.PublicClientApplication)
        flow, back = self.sign_in(secretless, "http://localhost:5000/signed-in")
        self.assertEqual(secretless.acquire_token_by_auth_code_flow(flow, back)["error_codes"], [7000218])
        flow, back = self.sign_in(app, "http://localhost:5000/auth.html")
        self.assertEqual(app.acquire_token_by_auth_code_flow(flow, back)["error_codes"], [9002327])

    def test_the_login_host_tells_of_itself(self):
        where = CLOUD["login"] + "/common/discovery/instance"
        answer = requests.get(where, params={"api-version": "1.1"}, timeout=20)
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.json()["metadata"][0]["aliases"])
        configuration = requests.get(answer.json()["tenant_discovery_endpoint"], timeout=20).json()
        for field in ("issuer", "authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "jwks_uri"):
            self.assertTrue(configuration[field].startswith("http"), field)

    def test_a_bad_token_is_an_authentication_error(self):
        for token, code in (("rubbish", "InvalidAuthenticationToken"), ("a b", "AuthenticationFailedInvalidHeader")):
            client = resource_client(credential=Fixed(token))
            self.assert_refused(ClientAuthenticationError, 401, code, lambda: list(client.resource_groups.list()))

    def test_a_token_for_something_else_is_refused(self):
        token = CREDENTIAL.get_token("https://ml.azure.com/.default").token
        client = resource_client(credential=Fixed(token))
        code = "InvalidAuthenticationToken"
        error = self.assert_refused(ClientAuthenticationError, 401, code, lambda: list(client.resource_groups.list()))
        self.assertIn("audience", error.message)


class Subscriptions(Walk):
    def test_both_clients_list_and_get_subscriptions(self):
        for client in (SubscriptionClient(**options()), ResourceSubscriptions(**options())):
            listed = list(client.subscriptions.list())
            self.assertIn(SUBSCRIPTION, [one.subscription_id for one in listed])
            one = client.subscriptions.get(SUBSCRIPTION)
            self.assertEqual((one.id, one.state), ("/subscriptions/" + SUBSCRIPTION, "Enabled"))

    def test_locations_and_tenants_are_listed(self):
        client = ResourceSubscriptions(**options())
        names = [location.name for location in client.subscriptions.list_locations(SUBSCRIPTION)]
        self.assertIn(REGION, names)
        self.assertTrue(all(tenant.tenant_id for tenant in client.tenants.list()))
        self.assertTrue(all(tenant.tenant_id for tenant in SubscriptionClient(**options()).tenants.list()))

    def test_a_subscription_that_is_not_there(self):
        client = ResourceSubscriptions(**options())
        none = "00000000-0000-0000-0000-000000000000"
        ask = lambda: client.subscriptions.get(none)
        self.assert_refused(ResourceNotFoundError, 404, "SubscriptionNotFound", ask)


class ResourceGroups(Walk):
    def test_groups_come_in_pages(self):
        self.assertIn(GROUP, self.assert_pages(RESOURCES.resource_groups.list(), 3))
        self.assertEqual([len(page) for page in pages(RESOURCES.resource_groups.list(top=1))][:1], [1])

    def test_a_group_is_asked_for_by_get_and_head(self):
        self.assertEqual(RESOURCES.resource_groups.get(GROUP.upper()).name, GROUP)
        self.assertIs(RESOURCES.resource_groups.check_existence(GROUP), True)
        self.assertIs(RESOURCES.resource_groups.check_existence("no-such"), False)
        ask = lambda: RESOURCES.resource_groups.get("no-such")
        self.assert_refused(ResourceNotFoundError, 404, "ResourceGroupNotFound", ask)

    def test_what_is_in_a_group(self):
        resources = list(RESOURCES.resources.list_by_resource_group(GROUP))
        self.assertIn((WORKSPACE, PROVIDER + "/workspaces"), [(one.name, one.type) for one in resources])

    def test_a_group_is_made_tagged_and_deleted(self):
        groups = RESOURCES.resource_groups
        made = groups.create_or_update("walk-rg", {"location": REGION})
        self.assertEqual((made.location, made.properties.provisioning_state), (REGION, "Succeeded"))
        self.assertEqual(groups.create_or_update("walk-rg", {"location": REGION, "tags": {"a": "b"}}).tags, {"a": "b"})
        self.assertEqual(groups.update("walk-rg", {"tags": {"c": "d"}}).tags, {"c": "d"})
        poller = groups.begin_delete("walk-rg")
        self.assertEqual(groups.get("walk-rg").properties.provisioning_state, "Deleting")
        poller.result()
        self.assertIs(groups.check_existence("walk-rg"), False)

    def test_a_group_without_a_location_is_refused(self):
        ask = lambda: RESOURCES.resource_groups.create_or_update("walk-rg", {"tags": {}})
        self.assert_refused(HttpResponseError, 400, "LocationRequired", ask)


class Providers(Walk):
    def test_providers_are_listed_and_got(self):
        listed = [provider.namespace for provider in RESOURCES.providers.list()]
        self.assertIn(PROVIDER, listed)
        provider = RESOURCES.providers.get(PROVIDER)
        self.assertEqual(provider.registration_state, "Registered")
        self.assertIn("workspaces", [kind.resource_type for kind in provider.resource_types])

    def test_the_clients_register_a_provider_by_themselves(self):
        RESOURCES.providers.unregister(PROVIDER)
        # An operation that takes long is streamed, and then the client's policy does not see why it was refused.
        self.assert_refused(
            ResourceExistsError,
            409,
            "MissingSubscriptionRegistration",
            lambda: LEARNING.workspaces.begin_create_or_update(GROUP, "walk-registered", new_workspace()),
        )
        wait = lambda _: threading.Event().wait(POLL_SECONDS)
        url = f"{scope('walk-registered')}?api-version=2019-11-01"
        body = LEARNING._serialize.body(new_workspace(), "Workspace")
        with mock.patch("azure.mgmt.core.policies._base.time", types.SimpleNamespace(sleep=wait)):
            answer = send("PUT", url, body)
        self.assertEqual(answer.status_code, 202, answer.text())
        self.assertEqual(RESOURCES.providers.get(PROVIDER).registration_state, "Registered")
        settled = lambda: LEARNING.workspaces.get(GROUP, "walk-registered").provisioning_state == "Succeeded"
        self.wait_until(settled)
        LEARNING.workspaces.begin_delete(GROUP, "walk-registered").result()


def new_workspace(**changes):
    scope = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"
    body = {
        "location": REGION,
        "friendly_name": "Walked",
        "description": "made by a client",
        "storage_account": f"{scope}/Microsoft.Storage/storageAccounts/walkstorage",
        "key_vault": f"{scope}/Microsoft.KeyVault/vaults/walkvault",
        "application_insights": f"{scope}/Microsoft.Insights/components/walkinsights",
        "identity": learning.Identity(type="SystemAssigned"),
    }
    return learning.Workspace(**{**body, **changes})


class Workspaces(Walk):
    def test_workspaces_are_listed_both_ways(self):
        by_group = [one.name for one in LEARNING.workspaces.list_by_resource_group(GROUP)]
        by_subscription = self.assert_pages(LEARNING.workspaces.list_by_subscription(), 1)
        self.assertIn(WORKSPACE, by_group)
        self.assertIn(WORKSPACE, by_subscription)

    def test_a_workspace_has_what_clients_read(self):
        one = LEARNING.workspaces.get(GROUP.lower(), WORKSPACE.upper())
        self.assertEqual((one.name, one.location, one.type), (WORKSPACE, REGION, PROVIDER + "/workspaces"))
        self.assertTrue(one.workspace_id and one.storage_account and one.key_vault and one.identity.principal_id)
        ask = lambda: LEARNING.workspaces.get(GROUP, "no-such")
        self.assert_refused(ResourceNotFoundError, 404, "ResourceNotFound", ask)

    def test_a_workspace_is_made_changed_and_deleted(self):
        seen = Headers()
        hook = lambda response: seen.update(response.http_response.headers)
        poller = LEARNING.workspaces.begin_create_or_update(GROUP, "walk-made", new_workspace(), raw_response_hook=hook)
        self.assertEqual(LEARNING.workspaces.get(GROUP, "walk-made").provisioning_state, "Creating")
        self.assertIn("workspaceOperationsStatus", seen["Azure-AsyncOperation"])
        waiting = send("GET", seen["Location"])
        self.assertEqual((waiting.status_code, waiting.text()), (202, ""))
        with self.assertRaises(ResourceExistsError):
            LEARNING.workspaces.update(GROUP, "walk-made", learning.WorkspaceUpdateParameters(tags={"a": "b"}))
        made = poller.result()
        self.assertEqual((made.name, made.provisioning_state, made.friendly_name), ("walk-made", "Succeeded", "Walked"))
        done = send("GET", seen["Location"])
        self.assertEqual((done.status_code, done.json()["name"]), (200, "walk-made"))
        changes = learning.WorkspaceUpdateParameters(tags={"a": "b"}, friendly_name="Renamed")
        changed = LEARNING.workspaces.update(GROUP, "walk-made", changes)
        self.assertEqual((changed.tags, changed.friendly_name), ({"a": "b"}, "Renamed"))
        again = LEARNING.workspaces.begin_create_or_update(GROUP, "walk-made", new_workspace(tags={"c": "d"}))
        self.assertEqual(again.result().tags, {"c": "d"})
        LEARNING.workspaces.begin_delete(GROUP, "walk-made").result()
        ask = lambda: LEARNING.workspaces.get(GROUP, "walk-made")
        self.assert_refused(ResourceNotFoundError, 404, "ResourceNotFound", ask)
        LEARNING.workspaces.begin_delete(GROUP, "walk-made").result()

    def test_a_workspace_that_cannot_be_made_tells_why(self):
        registry = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.ContainerRegistry/registries/noadmin"
        poller = LEARNING.workspaces.begin_create_or_update(GROUP, "walk-failed", new_workspace(container_registry=registry))
        with self.assertRaisesRegex(HttpResponseError, "must have the admin user enabled"):
            poller.result()
        self.assertEqual(poller.status(), "Failed")
        LEARNING.workspaces.begin_delete(GROUP, "walk-failed").result()

    def test_a_workspace_without_its_parts_is_refused(self):
        ask = lambda: LEARNING.workspaces.begin_create_or_update(GROUP, "walk-none", new_workspace(key_vault=None))
        error = self.assert_refused(HttpResponseError, 400, "ValidationError", ask)
        self.assertIn("keyVault", error.message)

    def test_keys_are_listed_and_made_anew(self):
        keys = LEARNING.workspaces.list_keys(GROUP, WORKSPACE)
        self.assertTrue(keys.user_storage_key and keys.user_storage_resource_id)
        self.assertIsNone(LEARNING.workspaces.resync_keys(GROUP, WORKSPACE))
        # As an operation in later versions.
        path = f"{scope()}/resyncKeys?api-version=2021-03-01-preview"
        seen = Headers()
        poller = begin("POST", path, seen)
        self.assertTrue(seen["Azure-AsyncOperation"] and seen["Location"], seen)
        poller.result()


class Headers(requests.structures.CaseInsensitiveDict):
    """What a first answer of an operation said beside its body."""


def scope(workspace=WORKSPACE):
    return f"{MANAGEMENT}/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/{PROVIDER}/workspaces/{workspace}"


def send(method, url, body=None):
    """One request through the clients' own pipeline, for what they have no operation for."""
    return LEARNING._client.send_request(HttpRequest(method, url, json=body))


def begin(method, url, seen=None):
    """A long operation that this version of the client has not, with the client's own polling."""
    answer = LEARNING._client.send_request(HttpRequest(method, url), _return_pipeline_response=True)
    if answer.http_response.status_code >= 400:
        raise HttpResponseError(response=answer.http_response)
    if seen is not None:
        seen.update(answer.http_response.headers)
    return LROPoller(LEARNING._client, answer, lambda _: None, ARMPolling(POLL_SECONDS))


def new_cluster(most=2, **changes):
    inner = {"vmSize": "STANDARD_DS3_V2", "scaleSettings": {"maxNodeCount": most, "minNodeCount": 0}}
    properties = {"computeType": "AmlCompute", "properties": {**inner, **changes}}
    return {"location": REGION, "properties": properties}


class Computes(Walk):
    # What an older client of Azure reads of every cluster, or else fails.
    KEYS = ("computeType", "properties", "provisioningErrors", "description", "provisioningState", "resourceId", "isAttachedCompute")
    INNER = ("vmPriority", "vmSize", "scaleSettings", "subnet")

    def test_computes_come_in_pages(self):
        least = 5 if WORLD["instance"] else 1
        self.assertIn(WORLD["cluster"], self.assert_pages(COMPUTES.list_by_workspace(GROUP, WORKSPACE), least))

    def test_a_cluster_has_what_clients_read(self):
        document = send("GET", f"{scope()}/computes/{WORLD['cluster']}?api-version=2019-11-01").json()
        for key in ("location", "id", "tags", "name"):
            self.assertIn(key, document)
        for key in self.KEYS:
            self.assertIn(key, document["properties"])
        for key in self.INNER:
            self.assertIn(key, document["properties"]["properties"])
        self.assertIsNot(document["properties"]["properties"].get("userAccountCredentials", {}), None)
        compute = COMPUTES.get(GROUP, WORKSPACE, WORLD["cluster"].upper())
        self.assertIsInstance(compute.properties, learning.AmlCompute)
        self.assertEqual(compute.properties.provisioning_state, "Succeeded")
        self.assertEqual(compute.properties.properties.allocation_state, "Steady")

    def test_a_compute_that_is_not_there(self):
        self.assert_refused(
            ResourceNotFoundError, 404, "ResourceNotFound", lambda: COMPUTES.get(GROUP, WORKSPACE, "no-such")
        )

    def test_nodes_and_keys(self):
        nodes = list(COMPUTES.list_nodes(GROUP, WORKSPACE, WORLD["cluster"]))
        self.assertTrue(all(node.node_id and node.node_state for node in nodes))
        if WORLD["instance"]:
            self.assertTrue(nodes)
        # The client cannot take apart a refusal whose list is null, as the service's own is, and shows all of it.
        with self.assertRaisesRegex(HttpResponseError, '"code": *"UserError"') as caught:
            COMPUTES.list_keys(GROUP, WORKSPACE, WORLD["cluster"])
        self.assertEqual(caught.exception.status_code, 400)

    def test_a_cluster_is_made_scaled_and_deleted(self):
        seen = Headers()
        hook = lambda response: seen.update(response.http_response.headers)
        credentials = {"adminUserName": "walker", "adminUserPassword": "walk-secret"}
        body = new_cluster(userAccountCredentials=credentials)
        poller = COMPUTES.begin_create_or_update(GROUP, WORKSPACE, "walk-made", body, raw_response_hook=hook)
        self.assertIn("computeOperationsStatus", seen["Azure-AsyncOperation"])
        self.assertNotIn("Location", seen)
        with self.assertRaises(ResourceExistsError):
            COMPUTES.begin_delete(GROUP, WORKSPACE, "walk-made", "Delete")
        made = poller.result()
        self.assertEqual(made.properties.provisioning_state, "Succeeded")
        self.assertIsNotNone(made.properties.properties.node_state_counts)
        credentials = made.properties.properties.user_account_credentials
        self.assertEqual((credentials.admin_user_name, credentials.admin_user_password), ("walker", None))

        update = learning.ClusterUpdateParameters(
            scale_settings=learning.ScaleSettings(max_node_count=3, min_node_count=1)
        )
        scaled = COMPUTES.begin_update(GROUP, WORKSPACE, "walk-made", update).result()
        self.assertEqual(scaled.properties.provisioning_state, "Succeeded")
        self.assertEqual(scaled.properties.properties.scale_settings.max_node_count, 3)
        self.assertEqual(scaled.properties.properties.current_node_count, 1)

        COMPUTES.begin_delete(GROUP, WORKSPACE, "walk-made", "Delete").result()
        gone = lambda: COMPUTES.get(GROUP, WORKSPACE, "walk-made")
        self.assert_refused(ResourceNotFoundError, 404, "ResourceNotFound", gone)

    def test_a_cluster_that_is_too_large_fails_with_the_reason(self):
        poller = COMPUTES.begin_create_or_update(GROUP, WORKSPACE, "walk-large", new_cluster(most=100))
        with self.assertRaisesRegex(HttpResponseError, "Ask for more quota"):
            poller.result()
        failed = COMPUTES.get(GROUP, WORKSPACE, "walk-large")
        self.assertEqual(failed.properties.provisioning_state, "Failed")
        self.assertEqual(failed.properties.provisioning_errors[0].error.code, "ClusterCoreQuotaReached")
        COMPUTES.begin_delete(GROUP, WORKSPACE, "walk-large", "Delete").result()

    def test_a_delete_has_to_say_what_becomes_of_what_is_below(self):
        url = f"{scope()}/computes/{WORLD['cluster']}?api-version=2019-11-01"
        answer = send("DELETE", url)
        self.assertEqual(answer.status_code, 400)
        self.assertIn("underlyingResourceAction", answer.json()["error"]["message"])

    def test_a_cluster_is_attached_and_left_alone(self):
        cluster = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.ContainerService/managedClusters/walk"
        body = learning.ComputeResource(location=REGION, properties=learning.AKS(resource_id=cluster))
        made = COMPUTES.begin_create_or_update(GROUP, WORKSPACE, "walk-aks", body).result()
        self.assertIsInstance(made.properties, learning.AKS)
        self.assertIs(made.properties.is_attached_compute, True)
        keys = COMPUTES.list_keys(GROUP, WORKSPACE, "walk-aks")
        self.assertIsInstance(keys, learning.AksComputeSecrets)
        COMPUTES.begin_delete(GROUP, WORKSPACE, "walk-aks", "Detach").result()

    @unittest.skipUnless(WORLD["instance"], "this world has no instance")
    def test_an_instance_is_started_and_stopped(self):
        state = lambda: send("GET", f"{url}?api-version=2021-03-01-preview").json()["properties"]["properties"]["state"]
        url = f"{scope()}/computes/{WORLD['instance']}"
        self.assertEqual(state(), "Stopped")
        seen = Headers()
        poller = begin("POST", f"{url}/start?api-version=2021-03-01-preview", seen)
        self.assertIn("computeOperationsStatus", seen["Azure-AsyncOperation"])
        self.assertEqual(state(), "Starting")
        poller.result()
        self.assertEqual(state(), "Running")
        begin("POST", f"{url}/stop?api-version=2021-03-01-preview").result()
        self.assertEqual(state(), "Stopped")
        # The client's own version has no operation to watch.
        computes = learning_client("2020-08-01").machine_learning_compute
        for act, end in ((computes.start, "Running"), (computes.restart, "Running"), (computes.stop, "Stopped")):
            act(GROUP, WORKSPACE, WORLD["instance"])
            self.wait_until(lambda: state() == end)


COMPUTES = LEARNING.machine_learning_compute


class Regions(Walk):
    def test_usages_quotas_and_sizes(self):
        usages = list(LEARNING.usages.list(REGION))
        self.assertTrue(usages and all(usage.name.localized_value and usage.limit is not None for usage in usages))
        quotas = list(LEARNING.quotas.list(REGION))
        self.assertTrue(quotas and all(quota.name.value and quota.unit == "Count" for quota in quotas))

    def test_sizes_have_the_key_of_their_version(self):
        path = f"{MANAGEMENT}/subscriptions/{SUBSCRIPTION}/providers/{PROVIDER}/locations/{REGION}/vmSizes"
        self.assertTrue(send("GET", f"{path}?api-version=2019-11-01").json()["amlCompute"])
        self.assertTrue(send("GET", f"{path}?api-version=2021-03-01-preview").json()["value"])
        sizes = LEARNING.virtual_machine_sizes.list(REGION)
        self.assertTrue(all(size.name and size.v_cp_us for size in sizes.aml_compute))

    def test_a_region_that_is_not_there(self):
        ask = lambda: list(LEARNING.usages.list("atlantis"))
        self.assert_refused(HttpResponseError, 400, "LocationNotAvailableForResourceType", ask)


class Requests(Walk):
    def test_a_version_that_a_type_does_not_have(self):
        client = learning_client("1999-01-01")
        ask = lambda: client.workspaces.get(GROUP, WORKSPACE)
        error = self.assert_refused(HttpResponseError, 400, "NoRegisteredProviderFound", ask)
        self.assertIn("The supported api-versions are '", error.message)
        ask = lambda: RESOURCES.resource_groups.get(GROUP, api_version="2021-03-01-preview")
        error = self.assert_refused(HttpResponseError, 400, "InvalidApiVersionParameter", ask)
        self.assertIn("The supported versions are '", error.message)

    def test_slashes_and_case_do_not_matter(self):
        for path in (
            "//subscriptions?api-version=2019-11-01",
            f"//subscriptions/{SUBSCRIPTION}/resourcegroups?api-version=2019-10-01",
            f"/SUBSCRIPTIONS/{SUBSCRIPTION}/ResourceGroups/{GROUP.lower()}/?api-version=2019-10-01",
        ):
            self.assertEqual(send("GET", MANAGEMENT + path).status_code, 200, path)

    def test_answers_are_json_and_say_so(self):
        for path in ("/subscriptions?api-version=2019-11-01", "/subscriptions", "/nonsense?api-version=2019-11-01"):
            answer = send("GET", MANAGEMENT + path)
            self.assertEqual(answer.headers["Content-Type"], "application/json; charset=utf-8")
            self.assertIsInstance(answer.json(), dict)

    def test_a_request_id_is_echoed(self):
        request = HttpRequest("GET", MANAGEMENT + "/subscriptions?api-version=2019-11-01")
        request.headers["x-ms-client-request-id"] = "11111111-2222-3333-4444-555555555555"
        answer = LEARNING._client.send_request(request)
        self.assertEqual(answer.headers["x-ms-client-request-id"], request.headers["x-ms-client-request-id"])
        self.assertTrue(answer.headers["x-ms-request-id"] and answer.headers["x-ms-correlation-request-id"])

    def test_a_refusal_by_name_is_the_error_that_clients_know(self):
        for name, kind, status, code in (
            ("fail-403", HttpResponseError, 403, "AuthorizationFailed"),
            ("fail-404", ResourceNotFoundError, 404, "ResourceNotFound"),
            ("fail-429", HttpResponseError, 429, "TooManyRequests"),
            ("fail-500", HttpResponseError, 500, "InternalServerError"),
            ("fail-401-expired", ClientAuthenticationError, 401, "ExpiredAuthenticationToken"),
        ):
            self.assert_refused(kind, status, code, lambda: LEARNING.workspaces.get(GROUP, name))


class DataPlane(Walk):
    """Run history and models have no client package that is free to use: the clients' own pipeline asks."""

    def setUp(self):
        discovery = LEARNING.workspaces.get(GROUP, WORKSPACE).discovery_url
        self.services = requests.get(discovery, timeout=20).json()
        policies = [UserAgentPolicy("walk"), RetryPolicy(retry_total=0), PlainBearer(CREDENTIAL, "https://ml.azure.com/.default")]
        self.client = PipelineClient(MANAGEMENT, policies=policies)
        self.scope = scope().removeprefix(MANAGEMENT)

    def tearDown(self):
        self.client.close()

    def get(self, url):
        return self.client.send_request(HttpRequest("GET", url))

    def listed(self, url):
        def extract(answer):
            document = answer.json()
            return document.get("nextLink"), document["value"]

        def following(link):
            answer = self.get(link or url)
            answer.raise_for_status()
            return answer

        found = []
        for page in ItemPaged(following, extract).by_page():
            found.extend(page)
            self.assertLess(len(found), 1000, "the list does not end")
        return found

    def test_discovery_names_every_service(self):
        for name in ("api", "experimentation", "history", "hyperdrive", "modelmanagement", "pipelines"):
            self.assertTrue(self.services[name].startswith("http://127.0.0.1:"), name)
            self.assertFalse(self.services[name].endswith("/"), name)

    def test_experiments_and_runs_come_in_pages(self):
        base = f"{self.services['history']}/history/v1.0{self.scope}/experiments"
        names = [one["name"] for one in self.listed(f"{base}?$top={PAGE_SIZE}")]
        self.assertIn(WORLD["experiment"], names)
        runs = self.listed(f"{base}/{WORLD['experiment']}/runs?$top={PAGE_SIZE}")
        self.assertGreater(len(runs), PAGE_SIZE)
        self.assertEqual(len({run["runId"] for run in runs}), len(runs))
        one = self.get(f"{base}/{WORLD['experiment']}/runs/{runs[0]['runId']}")
        self.assertEqual(one.json()["status"], runs[0]["status"])
        details = self.get(f"{base}/{WORLD['experiment']}/runs/{runs[0]['runId']}/details")
        self.assertEqual(details.json()["runId"], runs[0]["runId"])
        missing = self.get(f"{base}/{WORLD['experiment']}/runs/no-such-run")
        self.assertEqual((missing.status_code, missing.json()["error"]["code"]), (404, "UserError"))

    def test_a_query_is_continued_with_its_token(self):
        url = f"{self.services['history']}/history/v1.0{self.scope}/experiments/{WORLD['experiment']}/runs:query"
        seen, token = [], None
        for _ in range(200):
            body = {"top": PAGE_SIZE, "continuationToken": token}
            page = self.client.send_request(HttpRequest("POST", url, json=body)).json()
            seen.extend(run["runId"] for run in page["value"])
            token = page["continuationToken"]
            if token is None:
                break
        self.assertIsNone(token, "the list does not end")
        self.assertEqual(len(set(seen)), len(seen))

    def test_models_are_the_same_under_both_prefixes_and_end_without_a_link(self):
        own = self.listed(f"{self.services['modelmanagement']}/api{self.scope}/models?api-version=2018-11-19")
        shared = self.listed(f"{self.services['api']}/modelmanagement/v1.0{self.scope}/models?count={PAGE_SIZE}")
        self.assertEqual([one["id"] for one in own], [one["id"] for one in shared])
        whole = self.get(f"{self.services['api']}/modelmanagement/v1.0{self.scope}/models?count=1000").json()
        self.assertEqual(list(whole), ["value"])
        missing = self.get(f"{self.services['api']}/modelmanagement/v1.0{self.scope}/models/no-such:1")
        self.assertEqual((missing.status_code, missing.json()["code"]), (404, "ModelNotFound"))


class Told(unittest.TextTestResult):
    """What was walked, in words."""

    def getDescription(self, test):
        words = test.id().rsplit(".", 1)[-1].removeprefix("test_").replace("_", " ")
        return f"{type(test).__name__}: {words}"


if __name__ == "__main__":
    # However badly it goes, it ends.
    faulthandler.dump_traceback_later(LONGEST_SECONDS, exit=True)
    sys.stderr = sys.stdout
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    runner = unittest.TextTestRunner(verbosity=2, warnings="ignore", resultclass=Told)
    unittest.main(testRunner=runner)

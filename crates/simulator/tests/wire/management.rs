//! Subscriptions, groups, workspaces, computes: and all that ARM refuses.

use azimuth_simulator::{Options, Simulator, World};
use http::{Method, Request};
use serde_json::{Value, json};
use time::Duration;

use crate::{ARM, Answer, Client, SUBSCRIPTION, WORKSPACE, assert_same_shape, client_credentials, sample};

fn with_header(client: &mut Client, authorization: Option<&str>) -> Answer {
    let mut request = Request::get(format!("{ARM}/subscriptions?api-version=2019-11-01"));
    if let Some(value) = authorization {
        request = request.header("Authorization", value);
    }
    client.send(request.body(Vec::new()).unwrap())
}

#[test]
fn a_missing_header_is_challenged() {
    let answer = with_header(&mut Client::bakery(), None);
    assert_eq!((answer.status, answer.body.clone()), (401, sample("error_arm_401_missing_header")));
    assert!(answer.header("www-authenticate").starts_with("Bearer authorization_uri="));
    assert!(answer.header("www-authenticate").contains("missing 'Authorization' header"));
}

#[test]
fn a_header_of_another_form_is_refused() {
    let mut client = Client::bakery();
    let token = client.token.clone().unwrap();
    for header in ["Basic abc", "Bearer", "Bearer ", &format!("Bearer  {token}"), &token] {
        let answer = with_header(&mut client, Some(header));
        assert_eq!((answer.status, answer.body), (401, sample("error_arm_401_invalid_header")), "{header}");
    }
    assert_eq!(with_header(&mut client, Some(&format!("bearer {token}"))).status, 200);
}

#[test]
fn a_token_that_was_not_issued_here_is_refused() {
    let mut client = Client::bakery();
    let token = client.token.clone().unwrap();
    let (signed, _) = token.rsplit_once('.').unwrap();
    for bad in ["rubbish", "a.b.c", &format!("{signed}.c2lnbmVkIGVsc2V3aGVyZQ")] {
        let answer = with_header(&mut client, Some(&format!("Bearer {bad}")));
        assert_eq!((answer.status, answer.body), (401, sample("error_arm_401_invalid_token")), "{bad}");
    }
}

#[test]
fn a_token_of_another_tenant_is_refused() {
    // The header, claims and signature of somebody else: {"iss":"https://sts.windows.net/other/"}
    let token = "e30.eyJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC9vdGhlci8ifQ.c2ln";
    let answer = with_header(&mut Client::bakery(), Some(&format!("Bearer {token}")));
    assert_eq!(
        (answer.status, &answer.body["error"]["code"]),
        (401, &json!("InvalidAuthenticationTokenTenant"))
    );
}

#[test]
fn an_expired_token_is_refused_with_both_times() {
    let mut client = Client::bakery();
    client.now += Duration::seconds(3598);
    assert_eq!(client.arm("/subscriptions").status, 200);
    client.now += Duration::seconds(1);
    let answer = client.arm("/subscriptions");
    assert_eq!((answer.status, &answer.body["error"]["code"]), (401, &json!("ExpiredAuthenticationToken")));
    let expected = "The access token expiry UTC time '5/28/2026 9:26:39 PM' is earlier than current UTC time \
                    '5/28/2026 9:26:39 PM'.";
    assert_eq!(answer.body["error"]["message"], expected);
}

#[test]
fn a_token_for_another_audience_is_refused() {
    let mut client = Client::bakery();
    let mut form = client_credentials();
    form[1].1 = "https://ml.azure.com";
    let answer = client.sign_in_with("contoso", &form);
    client.token = answer.body["access_token"].as_str().map(str::to_owned);
    let answer = client.arm("/subscriptions");
    assert_eq!((answer.status, &answer.body["error"]["code"]), (401, &json!("InvalidAuthenticationToken")));
    assert!(answer.body["error"]["message"].as_str().unwrap().contains("wrong audience"));
}

#[test]
fn every_request_needs_a_version() {
    for path in ["/subscriptions", WORKSPACE, "/nonsense", "/subscriptions?api-version="] {
        let answer = Client::bakery().get(&format!("{ARM}{path}"));
        assert_eq!((answer.status, answer.body), (400, sample("error_arm_missing_api_version")), "{path}");
    }
}

#[test]
fn a_version_that_a_type_does_not_have_is_refused() {
    let mut client = Client::bakery();
    // The machine learning provider's version is none of the resource groups'.
    let answer = client.get(&format!("{ARM}{SUBSCRIPTION}/resourceGroups?api-version=2021-03-01-preview"));
    assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!("InvalidApiVersionParameter")));
    let message = answer.body["error"]["message"].as_str().unwrap();
    assert!(message.contains(",2019-11-01,2019-10-01,"), "{message}");

    let answer = client.get(&format!("{ARM}{WORKSPACE}/computes?api-version=1999-01-01"));
    assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!("NoRegisteredProviderFound")));
    let message = answer.body["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("for type 'workspaces/computes'. The supported api-versions are '2018-"),
        "{message}"
    );
}

#[test]
fn the_way_down_to_a_workspace() {
    let mut client = Client::bakery();
    assert_eq!(client.arm("/subscriptions").column("displayName"), ["Harbour Bakery"]);
    let groups = client.arm(&format!("{SUBSCRIPTION}/resourceGroups"));
    assert_eq!(groups.column("name"), ["bakery-archive-rg", "bakery-lab-rg", "bakery-rg"]);
    let provider = "providers/Microsoft.MachineLearningServices";
    let workspaces = client.arm(&format!("{SUBSCRIPTION}/resourceGroups/bakery-rg/{provider}/workspaces"));
    assert_eq!(workspaces.column("name"), ["forecasting"]);
    let none = client.arm(&format!("{SUBSCRIPTION}/resourceGroups/bakery-archive-rg/{provider}/workspaces"));
    assert_eq!(none.body, json!({ "value": [] }));
    let all = client.arm(&format!("{SUBSCRIPTION}/{provider}/workspaces"));
    assert_eq!(all.column("name"), ["forecasting", "playground"]);
    let discovery = client.arm(WORKSPACE).body["properties"]["discoveryUrl"].as_str().unwrap().to_owned();
    client.token = None;
    let services = client.get(&discovery);
    assert_same_shape(&services.body, &sample("discovery"));
    assert_eq!(services.body["api"], "https://westeurope.api.azureml.ms");
}

#[test]
fn case_and_slashes_do_not_matter() {
    let mut client = Client::bakery();
    for path in [
        "//subscriptions".to_owned(),
        format!("{}/", SUBSCRIPTION.to_uppercase()),
        format!("{SUBSCRIPTION}/resourcegroups/BAKERY-RG"),
        format!("{}/", WORKSPACE.to_lowercase()),
    ] {
        assert_eq!(client.arm(&path).status, 200, "{path}");
    }
}

#[test]
fn what_is_not_there_is_told_apart() {
    let mut client = Client::bakery();
    let no_group = client.arm(&format!("{SUBSCRIPTION}/resourceGroups/no-such"));
    assert_eq!((no_group.status, no_group.body), (404, sample("error_arm_404_resourcegroup")));
    let none = "00000000-0000-0000-0000-000000000000";
    let no_subscription = client.arm(&format!("/subscriptions/{none}/resourceGroups"));
    assert_eq!((no_subscription.status, no_subscription.body), (404, sample("error_arm_404_subscription")));
    let no_workspace = client.arm(&WORKSPACE.replace("forecasting", "no-such"));
    assert_eq!((no_workspace.status, &no_workspace.body["error"]["code"]), (404, &json!("ResourceNotFound")));
    let message = "The Resource 'Microsoft.MachineLearningServices/workspaces/no-such' under resource group \
                   'bakery-rg' was not found. For more details please go to \
                   https://aka.ms/ARMResourceNotFoundFix";
    assert_eq!(no_workspace.body["error"]["message"], message);
    let wrong_type = client.arm(&WORKSPACE.replace("workspaces", "workshops"));
    assert_eq!((wrong_type.status, &wrong_type.body["error"]["code"]), (404, &json!("InvalidResourceType")));
    assert_eq!(client.arm(&format!("{SUBSCRIPTION}/resourceGroup/bakery-rg")).status, 404);
}

#[test]
fn a_wrong_method_is_refused() {
    let address = format!("{ARM}/subscriptions?api-version=2019-11-01");
    assert_eq!(Client::bakery().ask(Method::DELETE, &address, None).status, 405);
}

#[test]
fn groups_can_be_asked_for_by_head() {
    let mut client = Client::bakery();
    for (group, status) in [("bakery-rg", 204), ("no-such", 404)] {
        let address = format!("{ARM}{SUBSCRIPTION}/resourcegroups/{group}?api-version=2019-10-01");
        let answer = client.ask(Method::HEAD, &address, None);
        assert_eq!((answer.status, answer.response.body().len()), (status, 0));
    }
}

#[test]
fn lists_come_in_pages_and_the_last_has_no_link() {
    let mut client = Client::bakery();
    client.simulator = Simulator::new(Options::new(World::Bakery), client.now).with_page_size(2);
    let first = client.arm(&format!("{SUBSCRIPTION}/resourceGroups"));
    assert_eq!(first.column("name"), ["bakery-archive-rg", "bakery-lab-rg"]);
    let link = first.body["nextLink"].as_str().unwrap();
    assert!(link.starts_with("https://management.azure.com/subscriptions/"), "{link}");
    assert!(link.contains("api-version=2019-11-01&$skiptoken="), "{link}");
    let last = client.get(link);
    assert_eq!(last.column("name"), ["bakery-rg"]);
    assert_eq!(last.body.as_object().unwrap().keys().collect::<Vec<_>>(), ["value"]);
}

#[test]
fn answers_carry_the_usual_headers() {
    let mut client = Client::bakery();
    let answer = client.arm("/subscriptions");
    for header in ["x-ms-request-id", "x-ms-correlation-request-id", "x-ms-ratelimit-remaining-tenant-reads"]
    {
        assert!(!answer.header(header).is_empty(), "{header}");
    }
    assert_eq!(answer.header("cache-control"), "no-cache");
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let again = client.arm("/subscriptions");
    assert_ne!(answer.header("x-ms-request-id"), again.header("x-ms-request-id"));
}

#[test]
fn computes_have_the_recorded_shape_and_every_state() {
    let mut client = Client::bakery();
    let list = client.arm(&format!("{WORKSPACE}/computes"));
    assert_eq!(
        list.column("name"),
        [
            "cpu-compute",
            "gpu-cluster",
            "huge-cluster",
            "mayas-computer",
            "new-cluster",
            "night-cluster",
            "shop-aks",
            "team-cluster"
        ]
    );
    assert_same_shape(&list.body["value"][0], &sample("arm_compute_get_after_create"));
    let states: Vec<&Value> = list.body["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|compute| &compute["properties"]["provisioningState"])
        .collect();
    assert_eq!(
        states,
        ["Succeeded", "Succeeded", "Failed", "Succeeded", "Creating", "Succeeded", "Succeeded", "Succeeded"]
    );
    let busy = &list.body["value"][1]["properties"]["properties"]["nodeStateCounts"];
    assert_eq!((&busy["runningNodeCount"], &busy["idleNodeCount"]), (&json!(4), &json!(0)));
}

#[test]
fn nodes_name_the_runs_that_work_on_them() {
    let mut client = Client::bakery();
    let address = format!("{ARM}{WORKSPACE}/computes/gpu-cluster/listNodes?api-version=2019-11-01");
    let answer = client.ask(Method::POST, &address, None);
    assert_same_shape(&answer.body, &sample("arm_compute_listnodes"));
    let runs: Vec<&str> =
        answer.body["nodes"].as_array().unwrap().iter().map(|node| node["runId"].as_str().unwrap()).collect();
    assert_eq!(runs, ["slow_starter_10", "slow_starter_10", "brave_oven_12", "brave_oven_12"]);
}

#[test]
fn clusters_have_no_keys() {
    let address = format!("{ARM}{WORKSPACE}/computes/cpu-compute/listKeys?api-version=2019-11-01");
    let answer = Client::bakery().ask(Method::POST, &address, None);
    assert_eq!(answer.status, 400);
    let expected = &sample("error_ml_compute_400")["error"]["message"];
    assert_eq!(&answer.body["error"]["message"], expected);
}

#[test]
fn a_region_tells_usage_quota_and_sizes() {
    let mut client = Client::bakery();
    let location = format!("{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations/westeurope");
    assert_same_shape(&client.arm(&format!("{location}/usages")).body, &sample("arm_usages_list"));
    assert_same_shape(&client.arm(&format!("{location}/Quotas")).body, &sample("arm_quotas_list"));
    let older = client.arm(&format!("{location}/vmSizes")).body;
    assert_same_shape(&older, &sample("arm_vmsizes_list_2019-11-01"));
    let newer = client.get(&format!("{ARM}{location}/vmSizes?api-version=2021-03-01-preview"));
    assert_same_shape(&newer.body, &sample("arm_vmsizes_list_2021-03-01-preview"));
    // What the examples say of a size is what is said here.
    for (list, expected) in [
        (&older["amlCompute"], &sample("arm_vmsizes_list_2019-11-01")["amlCompute"]),
        (&newer.body["value"], &sample("arm_vmsizes_list_2021-03-01-preview")["value"]),
    ] {
        for expected in expected.as_array().unwrap() {
            let seen = list.as_array().unwrap().iter().find(|size| size["name"] == expected["name"]);
            let Some(seen) = seen else { continue };
            assert_eq!(seen["family"], expected["family"]);
            for field in ["vCPUs", "memoryGB", "maxResourceVolumeMB"] {
                assert_eq!(seen[field].as_f64(), expected[field].as_f64(), "{field} of {}", seen["name"]);
            }
        }
    }
}

#[test]
fn cores_in_use_are_those_of_the_nodes_that_there_are() {
    let mut client = Client::bakery();
    let location = format!("{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations/westeurope");
    let used = |client: &mut Client, name: &str| -> Vec<(u64, u64)> {
        let list = client.arm(&format!("{location}/usages")).body;
        let usages = list["value"].as_array().unwrap().iter().filter(|usage| usage["name"]["value"] == name);
        usages
            .map(|usage| (usage["currentValue"].as_u64().unwrap(), usage["limit"].as_u64().unwrap()))
            .collect()
    };
    let nodes = |client: &mut Client, name: &str| {
        let compute = client.arm(&format!("{WORKSPACE}/computes/{name}")).body;
        compute["properties"]["properties"]["currentNodeCount"].as_u64().unwrap()
    };
    // Of the subscription, then the workspace's share.
    assert_eq!(used(&mut client, "standardNCFamily"), [(24, 48), (24, 36)]);
    assert_eq!(used(&mut client, "standardFSv2Family"), [(16, 16)]);
    let team = nodes(&mut client, "team-cluster");
    assert_eq!(used(&mut client, "standardDv2Family"), [(2 * team, 48)]);
    let before = used(&mut client, "standardDSv2Family")[0].0;
    assert_eq!(before, 4 * nodes(&mut client, "cpu-compute"));
    for index in 0..4 {
        client.submit("loaves-per-day", &format!("new_loaf_{index}"), "cpu-compute");
    }
    client.wait(25.0);
    assert!(used(&mut client, "standardDSv2Family")[0].0 > before);
    let total = used(&mut client, "Total Cluster Dedicated Regional vCPUs")[0].0;
    let sum = ["standardNCFamily", "standardFSv2Family", "standardDv2Family", "standardDSv2Family"]
        .map(|family| used(&mut client, family)[0].0);
    assert_eq!(total, sum.iter().sum::<u64>());
}

#[test]
fn other_hosts_do_not_answer() {
    let mut client = Client::bakery();
    for address in
        ["https://example.com/", "https://nowhere.api.azureml.ms/discovery", "http://management.azure.com/"]
    {
        let request = Request::get(address).body(Vec::new()).unwrap();
        assert!(client.simulator.answer(&request, client.now).is_none(), "{address}");
    }
}

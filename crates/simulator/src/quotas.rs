//! What a region's machines are, how many of their cores there may be, and how many are in use.

use serde_json::{Value, json};

use crate::call::Call;
use crate::computes::node_count;
use crate::run_progress::Board;
use crate::simulator::Simulator;
use crate::state::{Workspace, text};

/// A size of machines.
struct Size {
    name: &'static str,
    family: &'static str,
    cores: u64,
    gpus: u64,
    memory_gb: f64,
    disk_mb: u64,
    lends: bool,
    /// Dollars for an hour with Linux.
    price: f64,
}

const fn size(
    name: &'static str,
    family: &'static str,
    (cores, gpus): (u64, u64),
    memory_gb: f64,
    disk_mb: u64,
    price: f64,
) -> Size {
    // Small GPU machines are not lent cheaply here.
    Size { name, family, cores, gpus, memory_gb, disk_mb, lends: gpus < 2, price }
}

const SIZES: [Size; 18] = [
    size("Standard_D1_v2", "Dv2", (1, 0), 3.5, 51_200, 0.06),
    size("Standard_D2_v2", "Dv2", (2, 0), 7.0, 102_400, 0.11),
    size("Standard_D3_v2", "Dv2", (4, 0), 14.0, 204_800, 0.23),
    size("Standard_D11_v2", "Dv2", (2, 0), 14.0, 102_400, 0.15),
    size("Standard_DS1_v2", "DSv2", (1, 0), 3.5, 7_168, 0.06),
    size("Standard_DS2_v2", "DSv2", (2, 0), 7.0, 14_336, 0.11),
    size("Standard_DS3_v2", "DSv2", (4, 0), 14.0, 28_672, 0.23),
    size("Standard_DS4_v2", "DSv2", (8, 0), 28.0, 57_344, 0.46),
    size("Standard_DS5_v2", "DSv2", (16, 0), 56.0, 114_688, 0.91),
    size("Standard_F2s_v2", "FSv2", (2, 0), 4.0, 16_384, 0.09),
    size("Standard_F4s_v2", "FSv2", (4, 0), 8.0, 32_768, 0.17),
    size("Standard_F8s_v2", "FSv2", (8, 0), 16.0, 65_536, 0.34),
    size("Standard_F16s_v2", "FSv2", (16, 0), 32.0, 131_072, 0.68),
    size("Standard_NC6", "NC", (6, 1), 56.0, 389_120, 0.9),
    size("Standard_NC12", "NC", (12, 2), 112.0, 696_320, 1.8),
    size("Standard_NC24", "NC", (24, 4), 224.0, 1_474_560, 3.6),
    size("Standard_NC6s_v3", "NCSv3", (6, 1), 112.0, 753_664, 3.06),
    size("Standard_ND40rs_v2", "NDRSv2", (40, 8), 672.0, 2_969_600, 22.03),
];

/// Families, with the subscription's limit of cores; -1 for none.
const FAMILIES: [(&str, i64); 6] =
    [("Dv2", 48), ("DSv2", 100), ("FSv2", 16), ("NC", 48), ("NCSv3", 24), ("NDRSv2", 0)];

/// The limit of all families together, and of clusters.
const REGION_CORES: u64 = 350;
const CLUSTERS: u64 = 100;

/// A share that somebody gave to one workspace: by its name, a family, cores.
const SHARES: [(&str, &str, u64); 3] =
    [("forecasting", "NC", 36), ("playground", "DSv2", 12), ("forecasting", "DSv2", 80)];

impl Simulator {
    /// Cores in use: those of the nodes that clusters have now, and of instances that run.
    pub(crate) fn usages(&self, call: &Call<'_>, subscription: &str, location: &str) -> Value {
        let workspaces = self.workspaces_in(subscription, location);
        let mut used: Vec<Vec<(&str, u64)>> = Vec::new();
        let mut clusters = 0_u64;
        for workspace in &workspaces {
            let board = Board::new(workspace, self.speed, call.now);
            let computes = || workspace.computes.iter().filter_map(|compute| cores(compute, &board));
            clusters += workspace.computes.iter().filter(|compute| is_cluster(compute)).count() as u64;
            used.push(computes().collect());
        }
        let of_family = |family: &str, used: &[(&str, u64)]| -> u64 {
            used.iter().filter(|(name, _)| *name == family).map(|(_, cores)| cores).sum()
        };
        let mut list = vec![
            usage(
                &format!("/subscriptions/{subscription}/usages"),
                "totalCores",
                "Clusters",
                clusters,
                CLUSTERS,
            ),
            usage(
                &format!("/subscriptions/{subscription}/usages"),
                "dedicatedCores",
                "Total Cluster Dedicated Regional vCPUs",
                used.iter().flatten().map(|(_, cores)| cores).sum(),
                REGION_CORES,
            ),
        ];
        for (family, limit) in FAMILIES {
            let used = used.iter().map(|used| of_family(family, used)).sum::<u64>();
            let mut usage = usage(
                &format!("/subscriptions/{subscription}/usages/{}", id(family)),
                "vmFamily",
                &sentence(family),
                used,
                0,
            );
            usage["name"]["value"] = id(family).into();
            usage["limit"] = limit.into();
            list.push(usage);
        }
        for (workspace, used) in workspaces.iter().zip(&used) {
            for (_, family, limit) in shares_of(workspace) {
                let mut usage = usage(
                    &format!("{}/usages/{}", text(&workspace.document, "id"), id(family)),
                    "workspaces",
                    &sentence(family),
                    of_family(family, used),
                    limit,
                );
                usage["name"]["value"] = id(family).into();
                list.push(usage);
            }
        }
        json!({ "value": list })
    }

    pub(crate) fn quotas(&self, subscription: &str, location: &str) -> Value {
        let quota = |scope: &str, kind: &str, family: &str, limit: Value| {
            json!({
                "id": format!("{scope}/quotas/{}", id(family)),
                "type": format!("Microsoft.MachineLearningServices/{kind}/quotas"),
                "limit": limit,
                "name": { "value": id(family), "localizedValue": sentence(family) },
                "unit": "Count",
            })
        };
        let mut list: Vec<Value> = FAMILIES
            .iter()
            .map(|(family, limit)| {
                quota(&format!("/subscriptions/{subscription}"), "vmFamily", family, (*limit).into())
            })
            .collect();
        for workspace in self.workspaces_in(subscription, location) {
            let scope = text(&workspace.document, "id");
            let shares = shares_of(workspace);
            list.extend(shares.map(|(_, family, limit)| quota(scope, "workspaces", family, limit.into())));
        }
        json!({ "value": list })
    }

    fn workspaces_in(&self, subscription: &str, location: &str) -> Vec<&Workspace> {
        let location = location.replace(' ', "");
        let workspaces = self.state.workspaces.iter();
        workspaces
            .filter(|workspace| workspace.region().eq_ignore_ascii_case(&location))
            .filter(|workspace| {
                let start = format!("/subscriptions/{subscription}/").to_ascii_lowercase();
                text(&workspace.document, "id").to_ascii_lowercase().starts_with(&start)
            })
            .collect()
    }
}

fn shares_of(workspace: &Workspace) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
    let name = text(&workspace.document, "name").to_owned();
    SHARES.into_iter().filter(move |(workspace, ..)| *workspace == name)
}

fn usage(id: &str, kind: &str, name: &str, used: u64, limit: u64) -> Value {
    json!({
        "id": id,
        "type": format!("Microsoft.MachineLearningServices/{kind}/usages"),
        "currentValue": used,
        "limit": limit,
        "name": { "value": name, "localizedValue": name },
        "unit": "Count",
    })
}

/// A family's id and its sentence, as the real service has them.
fn id(family: &str) -> String {
    format!("standard{family}Family")
}

fn sentence(family: &str) -> String {
    format!("Standard {family} Family Cluster Dedicated vCPUs")
}

fn is_cluster(compute: &Value) -> bool {
    compute["properties"]["computeType"] == "AmlCompute"
}

/// The family of a compute's machines, and how many cores it has in use.
fn cores<'a>(compute: &'a Value, board: &Board) -> Option<(&'a str, u64)> {
    let inner = &compute["properties"]["properties"];
    let size = SIZES.iter().find(|size| size.name.eq_ignore_ascii_case(text(inner, "vmSize")))?;
    let nodes = match text(&compute["properties"], "computeType") {
        "AmlCompute" => node_count(compute, board) as u64,
        "ComputeInstance" => u64::from(inner["state"] == "Running"),
        _ => 0,
    };
    Some((size.family, size.cores * nodes))
}

/// The sizes in one of two shapes, by version (specifications).
pub fn sizes(is_newer: bool) -> Value {
    let price = |price: f64, kind: &str, tier: &str| json!({ "retailPrice": (price * 100.0).round() / 100.0, "osType": kind, "vmTier": tier });
    let size = |size: &Size| {
        let mut document = json!({
            "name": size.name,
            "family": id(size.family),
            "vCPUs": size.cores,
            "osVhdSizeMB": 1_047_552,
            "maxResourceVolumeMB": size.disk_mb,
            "memoryGB": size.memory_gb,
            "lowPriorityCapable": size.lends,
            "premiumIO": size.name.contains('s') && size.family.contains('S'),
        });
        if is_newer {
            document["gpus"] = size.gpus.into();
            document["estimatedVMPrices"] = json!({
                "billingCurrency": "USD",
                "unitOfMeasure": "OneHour",
                "values": [
                    price(size.price * 1.9, "Windows", "Standard"),
                    price(size.price, "Linux", "Standard"),
                    price(size.price * 0.2, "Linux", "LowPriority"),
                ],
            });
        }
        document
    };
    let sizes: Vec<Value> = SIZES.iter().map(size).collect();
    if is_newer { json!({ "value": sizes }) } else { json!({ "amlCompute": sizes }) }
}

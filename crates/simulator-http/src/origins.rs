//! The origins the simulator stands behind: one for each kind of host that Azure has.

use azimuth_simulator::{CLIENT_ID, Origins, TENANT};

/// What an origin stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Login,
    Management,
    Discovery,
    Regional,
    ModelManagement,
    Pipelines,
    Scoring,
    Storage,
}

impl Role {
    /// In the order of their ports.
    pub const ALL: [Role; 8] = [
        Role::Login,
        Role::Management,
        Role::Discovery,
        Role::Regional,
        Role::ModelManagement,
        Role::Pipelines,
        Role::Scoring,
        Role::Storage,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Role::Login => "login",
            Role::Management => "management",
            Role::Discovery => "discovery",
            Role::Regional => "regional",
            Role::ModelManagement => "model-management",
            Role::Pipelines => "pipelines",
            Role::Scoring => "scoring",
            Role::Storage => "storage",
        }
    }

    pub fn origin(self, origins: &Origins) -> &str {
        match self {
            Role::Login => &origins.login,
            Role::Management => &origins.management,
            Role::Discovery => &origins.discovery,
            Role::Regional => &origins.regional,
            Role::ModelManagement => &origins.model_management,
            Role::Pipelines => &origins.pipelines,
            Role::Scoring => &origins.scoring,
            Role::Storage => &origins.storage,
        }
    }
}

/// The origins at these ports, which are in the order of [`Role::ALL`].
pub fn origins_at(ports: [u16; Role::ALL.len()]) -> Origins {
    let [login, management, discovery, regional, model_management, pipelines, scoring, storage] =
        ports.map(|port| format!("http://127.0.0.1:{port}"));
    Origins { login, management, discovery, regional, model_management, pipelines, scoring, storage }
}

/// The `config.json` that points the page at these origins, and has people sign in there.
pub fn config_json(origins: &Origins) -> String {
    let services = [&origins.discovery, &origins.regional, &origins.model_management, &origins.pipelines];
    let config = serde_json::json!({
        "cloud": { "login": origins.login, "management": origins.management, "services": services },
        "dataOrigins": [origins.storage, origins.scoring],
        "signIn": { "clientId": CLIENT_ID, "tenant": TENANT },
    });
    config.to_string()
}

//! What is behind a page: its console, its requests, its network, screen and paper. No two browsers hand these out alike.

mod chromium;
mod firefox;

use fantoccini::Client;
use serde_json::Value;

use crate::browser::Browser;
use firefox::Firefox;

/// A request that the browser sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Without its fragment, which never leaves the browser.
    pub address: String,
    /// The fragment, with its `#`.
    pub fragment: String,
    /// What was sent along, if it is a text.
    pub body: String,
}

/// A line of the console.
pub(crate) struct Said {
    pub is_error: bool,
    pub text: String,
}

/// The ways into one browser. Logs give what came since they were last asked.
pub(crate) enum Instruments {
    Chromium(Client),
    Firefox(Box<Firefox>),
    WebKit,
}

impl Instruments {
    pub async fn of(browser: Browser, client: &Client) -> Instruments {
        match browser {
            Browser::Chromium => Instruments::Chromium(client.clone()),
            Browser::Firefox => Instruments::Firefox(Box::new(Firefox::connect(client.clone()).await)),
            Browser::WebKit => Instruments::WebKit,
        }
    }

    pub async fn console(&self) -> Vec<Said> {
        match self {
            Instruments::Chromium(client) => chromium::console(client).await,
            Instruments::Firefox(firefox) => firefox.console().await,
            // A failure tells of it, so it cannot be a panic.
            Instruments::WebKit => Vec::new(),
        }
    }

    pub async fn sent(&self) -> Vec<Sent> {
        match self {
            Instruments::Chromium(client) => chromium::sent(client).await,
            Instruments::Firefox(firefox) => firefox.sent().await,
            Instruments::WebKit => panic!("{NOTHING}"),
        }
    }

    pub async fn set_offline(&self, offline: bool) {
        match self {
            Instruments::Chromium(client) => chromium::set_offline(client, offline).await,
            Instruments::Firefox(firefox) => firefox.set_offline(offline).await,
            Instruments::WebKit => panic!("{NOTHING}"),
        }
    }

    pub async fn before_each_document(&self, script: &str) {
        match self {
            Instruments::Chromium(client) => chromium::before_each_document(client, script).await,
            Instruments::Firefox(firefox) => firefox.before_each_document(script).await,
            Instruments::WebKit => panic!("{NOTHING}"),
        }
    }

    /// Runs a script among the page's own modules.
    pub async fn evaluate_waiting(&self, client: &Client, script: &str) -> Value {
        if let Instruments::Firefox(firefox) = self {
            return firefox.evaluate_waiting(script).await;
        }
        let whole = format!(
            "const done = arguments[arguments.length - 1]; \
             (async () => {{ {script} }})().then(done, (error) => done(String(error)));"
        );
        let answer = client.execute_async(&whole, Vec::new()).await;
        answer.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    pub async fn set_viewport(&self, width: u32, height: u32) {
        match self {
            Instruments::Chromium(client) => chromium::set_viewport(client, width, height).await,
            Instruments::Firefox(firefox) => firefox.set_viewport(width, height).await,
            Instruments::WebKit => panic!("{NOTHING}"),
        }
    }

    pub async fn prefer_reduced_motion(&self) {
        match self {
            Instruments::Chromium(client) => chromium::prefer_reduced_motion(client).await,
            Instruments::Firefox(firefox) => firefox.prefer_reduced_motion().await,
            Instruments::WebKit => panic!("{NOTHING}"),
        }
    }

    pub async fn show_as_printed(&self) {
        match self {
            Instruments::Chromium(client) => chromium::show_as_printed(client).await,
            Instruments::Firefox(firefox) => firefox.show_as_printed().await,
            Instruments::WebKit => panic!("{NOTHING}"),
        }
    }
}

const NOTHING: &str = "the driver of WebKit lets nobody look behind a page";

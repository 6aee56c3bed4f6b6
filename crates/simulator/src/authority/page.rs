//! The authority's own pages: plain HTML, without a script.

use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::authority::refusals::{REFUSALS, Refusal, Stage};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}\
                     label{display:block;padding:.25rem 0}select{max-width:100%}fieldset,select,input,button{font:inherit}\
                     button{margin:1rem .5rem 0 0;padding:.25rem 1rem}";

/// The page that asks a person who they are.
pub struct SignInPage<'a> {
    pub tenant: &'a str,
    pub client: &'a str,
    /// Where the person is sent back to.
    pub redirect: &'a str,
    pub accounts: &'a [&'a str],
    /// The account that is chosen already.
    pub chosen: &'a str,
    pub scopes: &'a str,
    pub wants_second_proof: bool,
    pub problem: Option<&'a str>,
}

impl SignInPage<'_> {
    pub fn answer(&self) -> Answer {
        let mut body = String::from("<h1>Sign in</h1>");
        body += &format!(
            "<p>This is a test of signing in, not Microsoft. <b>{}</b> asks who you are in <b>{}</b>.</p>",
            escaped(self.client),
            escaped(self.tenant)
        );
        if let Some(problem) = self.problem {
            body += &format!("<p role=\"alert\">{}</p>", escaped(problem));
        }
        body += "<form method=\"post\"><fieldset><legend>Account</legend>";
        let foreign = !self.chosen.is_empty() && !self.accounts.contains(&self.chosen);
        for account in self.accounts.iter().copied().chain(foreign.then_some(self.chosen)) {
            let checked = if account == self.chosen { " checked" } else { "" };
            let account = escaped(account);
            body += &format!(
                "<label><input type=\"radio\" name=\"account\" value=\"{account}\"{checked}> {account}</label>"
            );
        }
        body += "<label>Another account <input name=\"other\" autocomplete=\"off\"></label></fieldset>";
        body += &format!("<p>It asks for: {}</p>", escaped(self.scopes));
        if self.wants_second_proof {
            body += "<p>It wants a second proof of who you are, which comes with the account.</p>";
        }
        body += "<label>Fail with <select name=\"fail\"><option value=\"\">nothing</option>";
        for refusal in REFUSALS {
            // Where it is usually met; elsewhere it is asked for by its name.
            let (code, error) = (refusal.code, refusal.error);
            let place =
                Stage::ALL.iter().find(|(stage, _)| *stage == refusal.stage).map_or("", |(_, name)| name);
            body += &format!("<option value=\"aadsts{code}\">AADSTS{code} {error} (on {place})</option>");
        }
        body += "</select></label>\
                 <button name=\"decision\" value=\"accept\">Sign in and accept</button>\
                 <button name=\"decision\" value=\"decline\">Sign in and decline</button>\
                 <button name=\"decision\" value=\"cancel\">Cancel</button></form>";
        html(200, "Sign in", &body, Some(self.redirect))
    }
}

/// A refusal that nobody is sent back with.
pub fn refusal(refusal: &Refusal, description: &str) -> Answer {
    let lines: Vec<String> = description.lines().map(escaped).collect();
    let body =
        format!("<h1>Sorry, but we’re having trouble signing you in.</h1><p>{}</p>", lines.join("<br>"));
    html(refusal.status, "Sign-in error", &body, None)
}

/// The end of a sign-out that leads nowhere.
pub fn signed_out() -> Answer {
    html(200, "Signed out", "<h1>You signed out of your account</h1><p>Close this window.</p>", None)
}

/// `redirect` is where a form of the page leads in the end: browsers hold that against the policy too.
fn html(status: u16, title: &str, body: &str, redirect: Option<&str>) -> Answer {
    let style = {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE))
    };
    let target = redirect.map(|redirect| format!("'self' {}", origin(redirect)));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; form-action {}; base-uri 'none'; frame-ancestors 'none'",
        target.as_deref().unwrap_or("'none'")
    );
    let document = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style></head>\
         <body><main>{body}</main></body></html>"
    );
    Answer::bytes(status, "text/html; charset=utf-8", document.into_bytes())
        .with("content-security-policy", policy)
        .with("cache-control", "no-store, no-cache")
        .with("referrer-policy", "no-referrer")
        .with("x-content-type-options", "nosniff")
        .with("x-frame-options", "DENY")
}

/// The origin of an absolute address.
fn origin(address: &str) -> &str {
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find(['/', '?', '#']).map_or(address.len(), |at| start + at);
    &address[..end]
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            letter => escaped.push(letter),
        }
    }
    escaped
}

//! More than a password: who wants it, and who has to have it.

use serde_json::Value;

use crate::answer::Answer;
use crate::call::Call;
use crate::errors;
use crate::failures::lacks_second_proof;
use crate::simulator::Simulator;

/// For an account with this in its name, every change in ARM wants a second proof.
const NEEDED: &str = "needs-mfa";

impl Simulator {
    /// ARM's refusal of a change to whom nothing may be changed by without a second proof.
    pub(crate) fn second_proof(&self, call: &Call<'_>) -> Option<Answer> {
        let claims = self.arm_claims(call).ok()?;
        let is_needed = claims["upn"].as_str().is_some_and(|account| account.contains(NEEDED));
        (is_needed && lacks_second_proof(call, &claims))
            .then(|| errors::disallowed_without_second_proof(call))
    }
}

/// Whether a text can stand in the parameter `claims`, which may be missing.
pub fn is_claims_request(text: &str) -> bool {
    text.is_empty() || serde_json::from_str(text).is_ok_and(|claims: Value| claims.is_object())
}

/// Whether `claims` asks for more than a password: by ARM's own challenge, or for the method itself.
pub fn asks_for_second_proof(text: &str) -> bool {
    let claims: Value = serde_json::from_str(text).unwrap_or_default();
    let asks_for = |name: &str, value: &str| {
        let claim = &claims["access_token"][name];
        claim["value"] == value
            || claim["values"].as_array().is_some_and(|values| values.iter().any(|one| one == value))
    };
    asks_for("acrs", "p1") || asks_for("amr", "mfa")
}

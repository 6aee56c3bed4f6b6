//! Access tokens: what they say, how they are made and read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::checksum::signature;

/// A token made from its claims. It has a JWT's form, since real clients read `exp`, `tid` and `oid` from it.
pub fn issue(claims: &Value) -> String {
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "the-simulator" });
    seal(&encode(header.to_string()), claims)
}

/// The same with any text before the claims: what is opaque to clients.
pub fn seal(head: &str, claims: &Value) -> String {
    let signed = format!("{head}.{}", encode(claims.to_string()));
    let signature = encode(signature(&signed));
    format!("{signed}.{signature}")
}

/// What is wrong with a token's form.
#[derive(Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Not three parts of base64, or no claims in it.
    Form,
    /// Claims, but not signed here.
    Signature(Value),
}

/// The claims of a token that was issued here, by this simulator or an earlier one of the same world.
pub fn read(token: &str) -> Result<Value, Unreadable> {
    let (signed, written) = token.rsplit_once('.').ok_or(Unreadable::Form)?;
    let (_, claims) = signed.split_once('.').ok_or(Unreadable::Form)?;
    let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| Unreadable::Form)?;
    let claims: Value = serde_json::from_slice(&claims).map_err(|_| Unreadable::Form)?;
    if !claims.is_object() {
        return Err(Unreadable::Form);
    }
    if encode(signature(signed)) != written {
        return Err(Unreadable::Signature(claims));
    }
    Ok(claims)
}

/// Base64 as tokens have it.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

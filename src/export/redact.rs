//! What is left out of documents on their way into an export: what opens something, always; names of people, on wish. All
//! else stays letter by letter as the service sent it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::{Deserialize, Serialize};

use crate::secrets;

/// Stands in the place of an address that is signed.
const OPENS: &str = "(left out: it opens the file)";
/// Stands in the place of a key, a password or a token.
const SECRET: &str = "(left out: a secret)";

/// A document without what opens something, and whether there was any.
pub fn without_secrets(json: &str) -> (Cow<'_, str>, bool) {
    let mut is_next_secret = false;
    let changed = rewritten(json, |keys, text| {
        let name = keys.last().copied().unwrap_or_default();
        if secrets::has_signature(text) || has_signed_query(text) {
            return Some(OPENS.to_owned());
        }
        if is_list_of_arguments(name) {
            return secrets::without_argument(text, &mut is_next_secret, SECRET);
        }
        (!text.is_empty() && is_secret(name)).then(|| SECRET.to_owned())
    });
    let is_left_out = matches!(changed, Cow::Owned(_));
    (changed, is_left_out)
}

/// Whether the query of an address has a signature, under the names of other clouds too.
fn has_signed_query(text: &str) -> bool {
    let Some((address, query)) = text.split_once('?') else { return false };
    let names = ["sig", "signature", "x-amz-signature", "token", "access_token", "code"];
    address.contains("://")
        && query.split('&').any(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            names.iter().any(|known| name.eq_ignore_ascii_case(known))
        })
}

fn is_list_of_arguments(name: &str) -> bool {
    name.eq_ignore_ascii_case("arguments") || name.eq_ignore_ascii_case("commandLineArguments")
}

fn is_secret(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_lowercase();
    // A place in a list, which opens nothing.
    if matches!(letters.as_str(), "continuationtoken" | "skiptoken") {
        return false;
    }
    const ENDS: [&str; 8] = [
        "privatekey",
        "sastoken",
        "primarykey",
        "secondarykey",
        "sharedkey",
        "kubeconfig",
        "instrumentationkey",
        "passphrase",
    ];
    secrets::is_secret(name) || letters == "sas" || ENDS.iter().any(|end| letters.ends_with(end))
}

/// The people whose names were met, by number. The same one has the same number everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    numbers: HashMap<String, u32>,
    count: u32,
}

/// Something that names a person, and who that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named(pub String, pub u32);

/// Fields that are one person's alone.
const OWN: [&str; 12] = [
    "username",
    "userobjectid",
    "userpuid",
    "useraltsecid",
    "useremail",
    "email",
    "emailaddress",
    "mail",
    "upn",
    "userprincipalname",
    "displayusername",
    "userid",
];
/// Fields about a person whose values others share, so that they are replaced nowhere else.
const SHARED: [&str; 4] = ["useridp", "useriss", "usertenantid", "userclaims"];
/// Fields and tags that hold somebody's name as a text.
const NAMES: [&str; 16] = [
    "createdby",
    "modifiedby",
    "lastmodifiedby",
    "updatedby",
    "submittedby",
    "startedby",
    "canceledby",
    "cancelledby",
    "deployedby",
    "registeredby",
    "publishedby",
    "owner",
    "author",
    "assignedto",
    "user",
    "submitter",
];

impl People {
    /// A document without names of people, and who was met in it for the first time.
    pub fn redacted<'a>(&mut self, json: &'a str) -> (Cow<'a, str>, Vec<Named>) {
        // First who stands in it, so that one number is given to a name and an id that stand together.
        let mut met: Vec<(Vec<String>, Vec<String>)> = Vec::new();
        drop(rewritten(json, |keys, text| {
            let (name, above) = keys.split_last()?;
            if text.is_empty() || !(is_one_of(&OWN, name) || is_one_of(&NAMES, name)) {
                return None;
            }
            let object: Vec<String> = above.iter().map(|key| (*key).to_owned()).collect();
            // A name in a field of its own is a person of its own.
            let is_together = is_one_of(&OWN, name);
            match met.last_mut().filter(|(last, _)| is_together && *last == object) {
                Some((_, texts)) => texts.push(text.to_owned()),
                None => met
                    .push((if is_together { object } else { vec!["\0".to_owned()] }, vec![text.to_owned()])),
            }
            None
        }));
        let mut new = Vec::new();
        for (_, texts) in met {
            let known = texts.iter().find_map(|text| self.numbers.get(text).copied());
            let number = known.unwrap_or_else(|| {
                self.count += 1;
                self.count
            });
            for text in texts {
                if let Entry::Vacant(entry) = self.numbers.entry(text.clone()) {
                    entry.insert(number);
                    new.push(Named(text, number));
                }
            }
        }
        let mut last = None;
        let redacted = rewritten(json, |keys, text| {
            let name = keys.last().copied().unwrap_or_default();
            if is_one_of(&SHARED, name) && !text.is_empty() {
                return Some(last.map_or_else(|| "person".to_owned(), word));
            }
            if let Some(number) = self.numbers.get(text) {
                last = Some(*number);
            }
            self.replaced(text)
        });
        (redacted, new)
    }

    /// A text without the names that are known; none where there is none in it.
    pub fn replaced(&self, text: &str) -> Option<String> {
        if let Some(number) = self.numbers.get(text) {
            return Some(word(*number));
        }
        // The longest first, so that a name which is part of another leaves nothing of it.
        let mut found: Vec<(&String, u32)> = self
            .numbers
            .iter()
            .filter(|(name, _)| name.chars().count() >= SHORTEST && text.contains(name.as_str()))
            .map(|(name, number)| (name, *number))
            .collect();
        found.sort_by(|(left, _), (right, _)| right.len().cmp(&left.len()).then(left.cmp(right)));
        let mut replaced: Option<String> = None;
        for (name, number) in found {
            let before = replaced.as_deref().unwrap_or(text);
            replaced = Some(before.replace(name.as_str(), &word(number)));
        }
        replaced
    }

    /// Knows somebody from before.
    pub fn learn(&mut self, Named(text, number): &Named) {
        self.count = self.count.max(*number);
        self.numbers.insert(text.clone(), *number);
    }
}

/// A shorter name within other words may be none.
const SHORTEST: usize = 4;

fn word(number: u32) -> String {
    format!("person-{number}")
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    names.iter().any(|known| letters.eq_ignore_ascii_case(known))
}

/// A JSON document with some of its texts replaced and the rest as it was. `replace` is given the names of the fields
/// that lead to a text (a list counts for its field), and the text.
pub fn rewritten<'a>(
    json: &'a str,
    mut replace: impl FnMut(&[&str], &str) -> Option<String>,
) -> Cow<'a, str> {
    let bytes = json.as_bytes();
    let mut keys: Vec<Cow<'a, str>> = Vec::new();
    // For each open bracket whether it is an object's, and how many keys led to it.
    let mut open: Vec<(bool, usize)> = Vec::new();
    let mut is_key = false;
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => {
                is_key = bytes[at] == b'{';
                open.push((is_key, keys.len()));
                at += 1;
            }
            b'}' | b']' => {
                open.pop();
                // What led to a value is over with it, unless it is one of several in a list.
                if let Some((true, depth)) = open.last() {
                    keys.truncate(*depth);
                }
                at += 1;
            }
            b',' => {
                if let Some((is_object, depth)) = open.last() {
                    keys.truncate(*depth);
                    is_key = *is_object;
                }
                at += 1;
            }
            b'"' => {
                let end = end_of_text(bytes, at);
                let token = &json[at..end];
                let text: Cow<'a, str> = match token.contains('\\') {
                    false => Cow::Borrowed(token.trim_matches('"')),
                    true => serde_json::from_str::<String>(token).unwrap_or_default().into(),
                };
                if is_key {
                    keys.push(text);
                    is_key = false;
                } else {
                    let names: Vec<&str> = keys.iter().map(|key| &**key).collect();
                    if let Some(instead) = replace(&names, &text) {
                        out.push_str(&json[copied..at]);
                        out.push_str(&serde_json::Value::from(instead).to_string());
                        copied = end;
                    }
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(&json[copied..]);
    Cow::Owned(out)
}

/// Behind the closing quote of the text that begins there.
fn end_of_text(bytes: &[u8], begin: usize) -> usize {
    let mut at = begin + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_something_is_left_out_in_its_place_and_nothing_else_changes() {
        let json = r#"{ "logFiles": {"a.txt":"https://x.blob.core.windows.net/c/a.txt?sv=1&sig=abc%3D" , "b":null},
  "runDefinition": {"Arguments": ["--rounds", "40", "--api-key", "k1", "--token=t1", "-v"], "note":"say \"hi\" \u00fc"},
  "env": {"DB_PASSWORD":"p1","SHOP":"harbour","EMPTY_TOKEN":""}, "n": 1.50, "continuationToken": "c1",
  "pre": "https://s3.example/x?X-Amz-Signature=f00" }"#;
        let (clean, is_left_out) = without_secrets(json);
        assert!(is_left_out);
        let expected = json
            .replace("https://x.blob.core.windows.net/c/a.txt?sv=1&sig=abc%3D", OPENS)
            .replace("\"k1\"", &format!("\"{SECRET}\""))
            .replace("--token=t1", &format!("--token={SECRET}"))
            .replace("\"p1\"", &format!("\"{SECRET}\""))
            .replace("https://s3.example/x?X-Amz-Signature=f00", OPENS);
        assert_eq!(clean, expected);
        let plain = r#"{"value":[{"a":"b?c=1","design":"x"}],"big":12345678901234567890.10}"#;
        assert_eq!(without_secrets(plain), (Cow::Borrowed(plain), false));
    }

    #[test]
    fn a_signature_is_found_however_it_is_written() {
        let json = r#"{"a":["x",{"uri":"https:\/\/h\/p?s\u0069g=1"}]}"#;
        let (clean, is_left_out) = without_secrets(json);
        assert!(is_left_out);
        assert_eq!(clean, format!(r#"{{"a":["x",{{"uri":"{OPENS}"}}]}}"#));
    }

    #[test]
    fn a_person_has_one_number_by_name_and_id_and_in_every_text() {
        let mut people = People::default();
        let first = r#"{"createdBy":{"userObjectId":"0000-7","userTenantId":"t-1","userName":"Maya Miller"},"tags":{"owner":"Noah"},"description":"Maya Miller's best","tenantId":"t-1"}"#;
        let (redacted, new) = people.redacted(first);
        assert_eq!(
            redacted,
            r#"{"createdBy":{"userObjectId":"person-1","userTenantId":"person-1","userName":"person-1"},"tags":{"owner":"person-2"},"description":"person-1's best","tenantId":"t-1"}"#
        );
        assert_eq!(new.len(), 3);
        let mut again = People::default();
        new.iter().for_each(|named| again.learn(named));
        let second = r#"{"runId":"r_1","note":"for Noah","modifiedBy":"Ida","n":[{"createdBy":{"userName":"Maya Miller","userObjectId":"0000-8"}}]}"#;
        let expected = r#"{"runId":"r_1","note":"for person-2","modifiedBy":"person-3","n":[{"createdBy":{"userName":"person-1","userObjectId":"person-1"}}]}"#;
        assert_eq!(again.redacted(second).0, expected);
        assert_eq!(people.redacted(second).0, expected);
    }

    #[test]
    fn what_names_nobody_is_left_as_it_is() {
        let plain = r#"{"name":"forecast","createdBy":null,"user":{},"metrics":[1,2]}"#;
        let (redacted, new) = People::default().redacted(plain);
        assert_eq!((redacted, new), (Cow::Borrowed(plain), Vec::new()));
    }
}

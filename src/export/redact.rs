//! What is left out of documents on their way into an export: what opens something, always; names of people, on wish. All
//! else stays letter by letter as the service sent it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use azimuth_api::Path;
use serde::{Deserialize, Serialize};

use crate::secrets;

/// Stands in the place of an address that is signed.
const OPENS: &str = "(left out: it opens the file)";
/// Stands in the place of a key, a password or a token.
const SECRET: &str = "(left out: a secret)";

/// A document without what opens something, and whether there was any.
pub fn without_secrets(json: &str) -> (Cow<'_, str>, bool) {
    // Variables that stand as `{"name": "DB_PASSWORD", "value": "…"}`, in whichever order.
    let mut named_secret = HashSet::new();
    drop(rewritten(json, |object, keys, text| {
        let name = keys.last().copied().unwrap_or_default();
        if (name.eq_ignore_ascii_case("name") || name.eq_ignore_ascii_case("key")) && is_secret(text) {
            named_secret.insert(object);
        }
        None
    }));
    let mut is_next_secret = false;
    let changed = rewritten(json, |object, keys, text| {
        let name = keys.last().copied().unwrap_or_default();
        if secrets::has_signature(text) || has_signed_query(text) {
            return Some(OPENS.to_owned());
        }
        if is_list_of_arguments(name) {
            return secrets::without_argument(text, &mut is_next_secret, SECRET);
        }
        // Variables are where people put passwords, under any name.
        let is_variable = keys.iter().any(|key| key.eq_ignore_ascii_case("environmentVariables"));
        let is_left_out = is_secret(name)
            || name.eq_ignore_ascii_case("value") && named_secret.contains(&object)
            || is_variable && !secrets::is_plain(text);
        (!text.is_empty() && is_left_out).then(|| SECRET.to_owned())
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
    known: HashMap<String, Known>,
    count: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    number: u32,
    only_in_fields: bool,
}

/// Something that names a person, who that is, and whether it is replaced only in fields that name people: elsewhere the
/// same word may mean something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named(pub String, pub u32, #[serde(default)] pub bool);

/// What a field that names people holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    /// What is one person's alone.
    Id,
    /// The name that the service has of somebody.
    Name,
    /// Somebody's name, or what people write in such a place.
    Text,
}

const IDS: [&str; 10] = [
    "userobjectid",
    "userpuid",
    "useraltsecid",
    "useremail",
    "email",
    "emailaddress",
    "mail",
    "upn",
    "userprincipalname",
    "userid",
];
/// Ids under a field that is about a person.
const IDS_WITHIN: [&str; 2] = ["objectid", "oid"];
const OWN_NAMES: [&str; 2] = ["username", "displayusername"];
/// Fields about a person whose values others share, so that they are replaced nowhere else.
const SHARED: [&str; 5] = ["useridp", "useriss", "usertenantid", "userorgid", "userclaims"];
/// Fields and tags that hold somebody's name as a text, or are about somebody.
const TEXTS: [&str; 18] = [
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
    "assigneduser",
    "user",
    "submitter",
    "mlflowuser",
];

impl Field {
    fn of(keys: &[&str]) -> Option<Self> {
        let (name, above) = keys.split_last()?;
        let is_within = || above.last().is_some_and(|above| is_one_of(&TEXTS, above));
        if is_one_of(&IDS, name) || is_one_of(&IDS_WITHIN, name) && is_within() {
            return Some(Self::Id);
        }
        if is_one_of(&OWN_NAMES, name) {
            return Some(Self::Name);
        }
        is_one_of(&TEXTS, name).then_some(Self::Text)
    }
}

/// Whether a text is surely of a person, by itself: an address, an id, or a name of several words.
fn is_surely_a_person(text: &str) -> bool {
    let is_capital =
        |word: &&str| word.starts_with(|letter: char| letter.is_alphabetic() && !letter.is_lowercase());
    let is_id = text.len() == 36 && text.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-');
    text.contains('@') || is_id || text.split_whitespace().filter(is_capital).count() > 1
}

impl People {
    /// A document without names of people, and who was met in it for the first time.
    pub fn redacted<'a>(&mut self, json: &'a str) -> (Cow<'a, str>, Vec<Named>) {
        // First who stands in it, so that one number is given to a name and an id that stand together.
        let mut met: Vec<(usize, Vec<(Field, String)>)> = Vec::new();
        drop(rewritten(json, |object, keys, text| {
            let field = Field::of(keys).filter(|_| !text.is_empty())?;
            let one = (field, text.to_owned());
            // A name in a field of its own is a person of its own.
            match met.iter_mut().rev().find(|(last, _)| *last == object && field != Field::Text) {
                Some((_, texts)) => texts.push(one),
                None => met.push((if field == Field::Text { usize::MAX } else { object }, vec![one])),
            }
            None
        }));
        let mut new = Vec::new();
        for (_, texts) in met {
            let known = texts.iter().find_map(|(_, text)| self.known.get(text).map(|known| known.number));
            let number = known.unwrap_or_else(|| {
                self.count += 1;
                self.count
            });
            let has_id = texts.iter().any(|(field, _)| *field == Field::Id);
            for (field, text) in texts {
                let is_sure = match field {
                    Field::Id => true,
                    Field::Name => has_id || is_surely_a_person(&text),
                    Field::Text => is_surely_a_person(&text),
                };
                let before = self.known.get(&text).copied();
                if before.is_none_or(|before| is_sure && before.only_in_fields) {
                    let named = Named(text, before.map_or(number, |before| before.number), !is_sure);
                    self.learn(&named);
                    new.push(named);
                }
            }
        }
        let mut last = None;
        let redacted = rewritten(json, |_, keys, text| {
            let name = keys.last().copied().unwrap_or_default();
            if is_one_of(&SHARED, name) && !text.is_empty() {
                return Some(last.map_or_else(|| "person".to_owned(), word));
            }
            let known = self.known.get(text).copied();
            match known.filter(|known| !known.only_in_fields || Field::of(keys).is_some()) {
                Some(known) => {
                    last = Some(known.number);
                    Some(word(known.number))
                }
                None => self.replaced(text),
            }
        });
        (redacted, new)
    }

    /// A text that is in no field of its own without the names that are known; none where there is none in it.
    pub fn replaced(&self, text: &str) -> Option<String> {
        let everywhere = || self.known.iter().filter(|(_, known)| !known.only_in_fields);
        if let Some(known) = self.known.get(text).filter(|known| !known.only_in_fields) {
            return Some(word(known.number));
        }
        // The longest first, so that a name which is part of another leaves nothing of it.
        let is_encoded = text.contains('%');
        let mut found: Vec<(Cow<'_, str>, u32)> = Vec::new();
        for (name, known) in everywhere().filter(|(name, _)| name.chars().count() >= SHORTEST) {
            if text.contains(name.as_str()) {
                found.push((Cow::Borrowed(name), known.number));
            }
            if is_encoded {
                // As it stands in addresses.
                let path = Path::new([name.as_str()]);
                let encoded = path.as_str().trim_start_matches('/');
                if encoded != name && text.contains(encoded) {
                    found.push((Cow::Owned(encoded.to_owned()), known.number));
                }
            }
        }
        found.sort_by(|(left, _), (right, _)| right.len().cmp(&left.len()).then(left.cmp(right)));
        let mut replaced: Option<String> = None;
        for (name, number) in found {
            let before = replaced.as_deref().unwrap_or(text);
            replaced = without(before, &name, &word(number)).or(replaced);
        }
        replaced
    }

    /// Knows somebody from before.
    pub fn learn(&mut self, Named(text, number, only_in_fields): &Named) {
        self.count = self.count.max(*number);
        let known = Known { number: *number, only_in_fields: *only_in_fields };
        self.known.insert(text.clone(), known);
    }
}

/// A text with something else in the place of a name; none where it is not in it. A single word counts as a whole only:
/// within another it is none.
fn without(text: &str, name: &str, instead: &str) -> Option<String> {
    let is_word = name.chars().all(char::is_alphanumeric);
    let is_whole = |at: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !is_word || ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    };
    let mut out = String::new();
    let mut copied = 0;
    for (at, _) in text.match_indices(name).filter(|(at, _)| is_whole(*at)) {
        out.push_str(&text[copied..at]);
        out.push_str(instead);
        copied = at + name.len();
    }
    (copied > 0).then(|| out + &text[copied..])
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
/// that lead to a text (a list counts for its field), the text, and before them where its object begins, which tells that
/// from others.
pub fn rewritten<'a>(
    json: &'a str,
    mut replace: impl FnMut(usize, &[&str], &str) -> Option<String>,
) -> Cow<'a, str> {
    let bytes = json.as_bytes();
    let mut keys: Vec<Cow<'a, str>> = Vec::new();
    // For each open bracket whether it is an object's, how many keys led to it, and where it is.
    let mut open: Vec<(bool, usize, usize)> = Vec::new();
    let mut is_key = false;
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => {
                is_key = bytes[at] == b'{';
                open.push((is_key, keys.len(), at));
                at += 1;
            }
            b'}' | b']' => {
                open.pop();
                // What led to a value is over with it, unless it is one of several in a list.
                if let Some((true, depth, _)) = open.last() {
                    keys.truncate(*depth);
                }
                at += 1;
            }
            b',' => {
                if let Some((is_object, depth, _)) = open.last() {
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
                    let object = open.iter().rev().find(|(is_object, ..)| *is_object);
                    let object = object.map_or(0, |(_, _, begin)| *begin);
                    if let Some(instead) = replace(object, &names, &text) {
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
        let second = r#"{"runId":"r_1","note":"for Noah","tags":{"owner":"Noah"},"modifiedBy":"Ida","n":[{"createdBy":{"userName":"Maya Miller","userObjectId":"0000-8"}}]}"#;
        let expected = r#"{"runId":"r_1","note":"for Noah","tags":{"owner":"person-2"},"modifiedBy":"person-3","n":[{"createdBy":{"userName":"person-1","userObjectId":"person-1"}}]}"#;
        assert_eq!(again.redacted(second).0, expected);
        assert_eq!(people.redacted(second).0, expected);
    }

    #[test]
    fn a_word_of_a_field_that_anybody_fills_is_replaced_there_alone() {
        let mut people = People::default();
        let first = r#"{"tags":{"owner":"script","author":"Azure","mlflow.user":"root"},"runType":"azureml.scriptrun"}"#;
        let (redacted, new) = people.redacted(first);
        assert_eq!(
            redacted,
            r#"{"tags":{"owner":"person-1","author":"person-2","mlflow.user":"person-3"},"runType":"azureml.scriptrun"}"#
        );
        assert_eq!(people.replaced("script of Azure by root"), None);
        // After a reload as before.
        let mut again = People::default();
        let written = serde_json::to_string(&new).unwrap();
        serde_json::from_str::<Vec<Named>>(&written).unwrap().iter().for_each(|named| again.learn(named));
        assert_eq!(again, people);
        let later = r#"{"createdBy":{"userName":"script","userObjectId":"0000-7"},"note":"by script"}"#;
        let expected =
            r#"{"createdBy":{"userName":"person-1","userObjectId":"person-1"},"note":"by person-1"}"#;
        assert_eq!(again.redacted(later).0, expected, "now the service says that it is somebody's");
        assert_eq!(again.replaced("azureml.scriptrun"), None, "within another word it is none");
    }

    #[test]
    fn whoever_a_compute_is_assigned_to_is_left_out_and_so_are_names_in_addresses() {
        let mut people = People::default();
        let compute = r#"{"assignedUser":{"objectId":"0000-8","tenantId":"t"},"properties":{"objectId":"o"},"createdBy":{"userName":"maya@bakery.example","userOrgId":"t","userId":"0000-7"},"owner":"Maya Miller"}"#;
        let (redacted, _) = people.redacted(compute);
        assert_eq!(
            redacted,
            r#"{"assignedUser":{"objectId":"person-1","tenantId":"t"},"properties":{"objectId":"o"},"createdBy":{"userName":"person-2","userOrgId":"person-2","userId":"person-2"},"owner":"person-3"}"#
        );
        assert_eq!(
            people
                .replaced("/experiments/Maya%20Miller/runs?$filter=maya%40bakery.example%200000-7")
                .unwrap(),
            "/experiments/person-3/runs?$filter=person-2%20person-2"
        );
    }

    #[test]
    fn two_people_of_one_list_are_two() {
        let (redacted, _) =
            People::default().redacted(r#"{"value":[{"userName":"Ida B"},{"userName":"Noah C"}]}"#);
        assert_eq!(redacted, r#"{"value":[{"userName":"person-1"},{"userName":"person-2"}]}"#);
    }

    #[test]
    fn variables_are_left_out_but_for_numbers_and_yes_or_no() {
        let json = r#"{"environmentVariables":{"DB":"harbour-4711","ROUNDS":"40","DEBUG":"true","EMPTY":""},
            "env":[{"name":"DB_PASSWORD","value":"p-1"},{"value":"p-2","name":"API_KEY"},{"name":"SHOP","value":"harbour"}]}"#;
        let (clean, is_left_out) = without_secrets(json);
        assert!(is_left_out);
        let secret = format!("\"{SECRET}\"");
        let expected = ["\"harbour-4711\"", "\"p-1\"", "\"p-2\""]
            .iter()
            .fold(json.to_owned(), |json, text| json.replace(text, &secret));
        assert_eq!(clean, expected);
    }

    #[test]
    fn what_names_nobody_is_left_as_it_is() {
        let plain = r#"{"name":"forecast","createdBy":null,"user":{},"metrics":[1,2]}"#;
        let (redacted, new) = People::default().redacted(plain);
        assert_eq!((redacted, new), (Cow::Borrowed(plain), Vec::new()));
    }
}

//! Properties and tags of a run: which people set, which the service did, and what they tell of the source code.

use azimuth_api::Run;

/// Where the code of a run comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceCode {
    pub repository: Option<String>,
    /// Where the repository can be looked at.
    pub link: Option<String>,
    pub branch: Option<String>,
    pub commit: Option<String>,
    /// Where that commit can be looked at.
    pub commit_link: Option<String>,
    /// Whether files had changes that no commit has.
    pub is_dirty: bool,
}

/// Where the code of a run comes from, as far as the client that handed it in noted it.
pub fn source_code(run: &Run) -> Option<SourceCode> {
    let property = |names: [&str; 2]| {
        names.into_iter().find_map(|name| run.properties.get(name).filter(|value| !value.is_empty()))
    };
    let repository = property(["azureml.git.repository_uri", "mlflow.source.git.repoURL"])
        .map(|address| without_credentials(address));
    let link = repository.as_deref().and_then(web_link);
    let commit = property(["azureml.git.commit", "mlflow.source.git.commit"]).cloned();
    let commit_link = link
        .as_deref()
        .zip(commit.as_deref())
        .filter(|(link, commit)| {
            link.starts_with("https://github.com/") && commit.chars().all(|letter| letter.is_ascii_hexdigit())
        })
        .map(|(link, commit)| format!("{link}/commit/{commit}"));
    let is_dirty = property(["azureml.git.dirty"; 2]).is_some_and(|word| word.eq_ignore_ascii_case("true"));
    let source = SourceCode {
        branch: property(["azureml.git.branch", "mlflow.source.git.branch"]).cloned(),
        repository,
        link,
        commit,
        commit_link,
        is_dirty,
    };
    (source != SourceCode::default()).then_some(source)
}

/// An address without the name and the password that some put into it.
pub fn without_credentials(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => address.to_owned(),
    }
}

/// An address that may be a link: a page of the web and nothing else.
fn web_link(address: &str) -> Option<String> {
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    let is_plain =
        !address.contains(|letter: char| letter.is_whitespace() || letter.is_control() || letter == '\\');
    (is_web && is_plain).then(|| address.trim_end_matches('/').trim_end_matches(".git").to_owned())
}

/// Whether a property or a tag is the service's own.
fn is_system(name: &str) -> bool {
    const NAMES: [&str; 3] = ["ContentSnapshotId", "ProcessInfoFile", "ProcessStatusFile"];
    let lower = name.to_ascii_lowercase();
    ["_azureml", "azureml.", "_aml_", "mlflow."].iter().any(|prefix| lower.starts_with(prefix))
        || NAMES.contains(&name)
}

/// The properties that people set.
pub fn own_properties(run: &Run) -> impl Iterator<Item = (&str, &str)> {
    let all = run.properties.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    all.filter(|(name, _)| !is_system(name))
}

/// The properties and tags that the service set.
pub fn system_values(run: &Run) -> impl Iterator<Item = (&str, &str)> {
    let tags = run.tags.iter().filter(|(name, _)| !run.user_tags().any(|(user, _)| user == name.as_str()));
    let properties = run.properties.iter().filter(|(name, _)| is_system(name));
    properties.chain(tags).map(|(name, value)| (name.as_str(), value.as_str()))
}

/// As a list shows them.
pub fn owned_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    // Also values that hold the address of a repository may hold what opens it.
    pairs.map(|(name, value)| (name.to_owned(), without_credentials(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(properties: &str) -> Run {
        serde_json::from_str(&format!(r#"{{"runId":"r","status":"Running","properties":{{{properties}}}}}"#))
            .unwrap()
    }

    #[test]
    fn what_the_service_set_is_told_from_what_people_set() {
        let run: Run = serde_json::from_str(
            r#"{"runId":"r","status":"Running","tags":{"_aml_system_x":"1","team":"vision"},
                "properties":{"azureml.git.branch":"main","ContentSnapshotId":"5b","recipe":"rye"}}"#,
        )
        .unwrap();
        assert_eq!(owned_pairs(own_properties(&run)), [("recipe".to_owned(), "rye".to_owned())]);
        let system: Vec<_> = system_values(&run).map(|(name, _)| name).collect();
        assert_eq!(system, ["ContentSnapshotId", "azureml.git.branch", "_aml_system_x"]);
    }

    #[test]
    fn a_repository_is_a_link_only_where_it_is_a_page() {
        let of = |address: &str| {
            source_code(&run(&format!(r#""azureml.git.repository_uri":"{address}""#))).unwrap()
        };
        assert_eq!(of("https://github.com/a/b.git").link.as_deref(), Some("https://github.com/a/b"));
        for other in ["git@github.com:a/b.git", "javascript:alert(1)", "https://a b", "file:///etc"] {
            assert_eq!((of(other).link, of(other).repository), (None, Some(other.to_owned())));
        }
    }

    #[test]
    fn what_opens_a_repository_is_never_shown() {
        let run = run(
            r#""azureml.git.repository_uri":"https://me:secret@dev.azure.com/a/b","recipe":"https://t@x/y""#,
        );
        let source = source_code(&run).unwrap();
        assert_eq!(source.repository.as_deref(), Some("https://dev.azure.com/a/b"));
        let shown = format!(
            "{source:?}{:?}{:?}",
            owned_pairs(system_values(&run)),
            owned_pairs(own_properties(&run))
        );
        assert!(!shown.contains("secret") && !shown.contains("t@x"), "{shown}");
        assert_eq!(without_credentials("https://h/a@b"), "https://h/a@b");
    }

    #[test]
    fn a_commit_and_its_changes_are_told() {
        let run = run(
            r#""azureml.git.repository_uri":"https://github.com/a/b","azureml.git.commit":"0a1b","azureml.git.dirty":"True","mlflow.source.git.branch":"main""#,
        );
        let source = source_code(&run).unwrap();
        assert_eq!(source.commit_link.as_deref(), Some("https://github.com/a/b/commit/0a1b"));
        assert_eq!((source.branch.as_deref(), source.is_dirty), (Some("main"), true));
        assert_eq!(source_code(&self::run("")), None);
    }
}

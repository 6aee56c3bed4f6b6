//! A project and a definition to begin with.

use azimuth_api::DefinitionDocument;
use serde_json::{Value, json};

pub const EXAMPLE_SCRIPT: &str =
    "import sys\n\nprint(\"Hello from Azure Machine Learning\", *sys.argv[1:])\n";

/// A definition to begin with; what is not known yet is left out.
pub fn new_definition(script: Option<&str>, arguments: &[&str], target: Option<&str>) -> String {
    const EMPTY: &str = "{\n  \"configuration\": {}\n}\n";
    let fields: [(&[&str], Value); 12] = [
        (&["script"], script.into()),
        (&["arguments"], if arguments.is_empty() { Value::Null } else { arguments.into() }),
        (&["framework"], "Python".into()),
        (&["communicator"], "None".into()),
        (&["target"], target.into()),
        (&["maxRunDurationSeconds"], 1_200.into()),
        (&["nodeCount"], 1.into()),
        (&["environment", "python", "userManagedDependencies"], false.into()),
        (&["environment", "python", "condaDependencies", "name"], "project_environment".into()),
        (
            &["environment", "python", "condaDependencies", "dependencies"],
            json!(["python=3.8", { "pip": ["azureml-defaults"] }]),
        ),
        (
            &["environment", "docker", "baseImage"],
            "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04".into(),
        ),
        (&["history", "outputCollection"], true.into()),
    ];
    let mut text = EMPTY.to_owned();
    for (path, value) in fields.into_iter().filter(|(_, value)| !value.is_null()) {
        let document = DefinitionDocument::parse(&text).ok();
        text = document.and_then(|document| document.with(path, &value)).unwrap_or(text);
    }
    text
}

#[cfg(test)]
mod tests {
    use azimuth_api::RunDefinition;

    use super::*;

    #[test]
    fn a_new_definition_is_in_order() {
        let text = new_definition(Some("hello.py"), &["234"], Some("gpu-cluster"));
        let definition = RunDefinition::parse(&text).unwrap();
        assert_eq!(
            (definition.script.as_deref(), definition.target.as_deref()),
            (Some("hello.py"), Some("gpu-cluster"))
        );
        assert!(
            text.starts_with("{\n  \"configuration\": {\n    \"script\": \"hello.py\",\n    \"arguments\""),
            "{text}"
        );
        let bare = new_definition(None, &[], None);
        assert!(!bare.contains("script") && !bare.contains("target") && bare.contains("baseImage"), "{bare}");
    }
}

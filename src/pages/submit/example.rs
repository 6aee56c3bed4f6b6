//! A project and a definition to begin with.

pub const EXAMPLE_SCRIPT: &str =
    "import sys\n\nprint(\"Hello from Azure Machine Learning\", *sys.argv[1:])\n";

pub fn example_definition(target: &str) -> String {
    let definition = serde_json::json!({
        "configuration": {
            "script": "hello.py",
            "arguments": ["234"],
            "framework": "Python",
            "communicator": "None",
            "target": target,
            "maxRunDurationSeconds": 1200,
            "nodeCount": 1,
            "environment": {
                "python": {
                    "interpreterPath": "python",
                    "userManagedDependencies": false,
                    "condaDependencies": {
                        "name": "project_environment",
                        "dependencies": ["python=3.8", { "pip": ["azureml-defaults"] }],
                    },
                },
                "docker": { "baseImage": "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04" },
            },
            "history": { "outputCollection": true },
        },
    });
    serde_json::to_string_pretty(&definition).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use azimuth_api::RunDefinition;

    use super::*;

    #[test]
    fn the_example_is_in_order() {
        let definition = RunDefinition::parse(&example_definition("gpu-cluster")).unwrap();
        assert_eq!(
            (definition.script.as_deref(), definition.target.as_deref()),
            (Some("hello.py"), Some("gpu-cluster"))
        );
    }
}

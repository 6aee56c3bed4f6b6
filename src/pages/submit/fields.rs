//! The fields of a run definition: what each is called, where it stands, and how what stands there is typed.

use azimuth_api::DefinitionDocument;
use serde_json::{Map, Value};

/// A field of the form.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub label: &'static str,
    pub help: &'static str,
    pub path: &'static [&'static str],
    pub kind: FieldKind,
}

/// How a field is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    Text,
    /// One line that is not shown.
    Secret,
    /// Many lines.
    Paragraph,
    /// A whole number.
    Number,
    /// A file of the project.
    Script,
    /// A compute of the workspace.
    Compute,
    /// One of several words. The last says what is so if none is chosen.
    Choice(&'static [&'static str], &'static str),
    /// The words for nothing said, for yes and for no.
    YesNo([&'static str; 3]),
    /// Texts, each in a line of its own.
    Lines,
    /// Packages of conda, each in a line of its own; those of pip stand in the same list.
    CondaPackages,
    /// Packages of pip, which stand in the list of conda.
    PipPackages,
    /// Packages of Maven, as `group:artifact:version`.
    MavenPackages,
}

/// Fields that are folded together.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    pub title: &'static str,
    pub fields: &'static [Field],
    /// What its writer names, if there is such a thing in it.
    pub entries: Option<Entries>,
}

/// What its writer names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entries {
    /// Names and texts.
    Texts {
        path: &'static [&'static str],
        /// What one is called.
        noun: &'static str,
        help: &'static str,
    },
    /// Data references.
    References,
}

pub const REFERENCES: &[&str] = &["dataReferences"];

const fn field(
    label: &'static str,
    help: &'static str,
    path: &'static [&'static str],
    kind: FieldKind,
) -> Field {
    Field { label, help, path, kind }
}

/// What everybody needs.
pub const FIRST: &[Field] = &[
    field("Script", "What is run, as a path in the zip.", &["script"], FieldKind::Script),
    field(
        "Arguments",
        "What the script is given: one argument in each line, without quotes.",
        &["arguments"],
        FieldKind::Lines,
    ),
    field("Compute", "Where it runs.", &["target"], FieldKind::Compute),
    field(
        "Nodes",
        "How many machines of a cluster work on it. One if nothing is said.",
        &["nodeCount"],
        FieldKind::Number,
    ),
    field(
        "Longest time in seconds",
        "The service stops the run then. Without it, it runs until it ends.",
        &["maxRunDurationSeconds"],
        FieldKind::Number,
    ),
];

const YES_UNLESS_SAID: [&str; 3] = ["Yes, if nothing is said", "Yes", "No"];
const CONDA: &str = "condaDependencies";
const PACKAGES: &[&str] = &["environment", "python", CONDA, "dependencies"];

/// What fewer need.
pub const SECTIONS: &[Section] = &[
    Section {
        title: "Python packages",
        fields: &[
            field(
                "Who provides the packages",
                "If the image or the machine has all of them, conda is not asked and the lists below are not read.",
                &["environment", "python", "userManagedDependencies"],
                FieldKind::YesNo([
                    "The service, with conda",
                    "The image or machine",
                    "The service, as is said here",
                ]),
            ),
            field(
                "Conda packages",
                "One in each line, such as python=3.8 or numpy=1.21.",
                PACKAGES,
                FieldKind::CondaPackages,
            ),
            field(
                "Pip packages",
                "One in each line, such as azureml-defaults. They come after those of conda.",
                PACKAGES,
                FieldKind::PipPackages,
            ),
            field(
                "Conda channels",
                "Where conda looks, one in each line, such as conda-forge.",
                &["environment", "python", CONDA, "channels"],
                FieldKind::Lines,
            ),
            field(
                "Python interpreter",
                "The command of a Python that is there. Read only where the packages are provided already.",
                &["environment", "python", "interpreterPath"],
                FieldKind::Text,
            ),
            field(
                "Base conda environment",
                "An environment of the image that this one begins with.",
                &["environment", "python", "baseCondaEnvironment"],
                FieldKind::Text,
            ),
            field(
                "Environment name",
                "An environment that the workspace knows. What stands here adds to it.",
                &["environment", "name"],
                FieldKind::Text,
            ),
            field(
                "Environment version",
                "The newest if nothing is said.",
                &["environment", "version"],
                FieldKind::Text,
            ),
            field(
                "Inferencing stack version",
                "“latest” adds what serves models. Leave it empty for training.",
                &["environment", "inferencingStackVersion"],
                FieldKind::Text,
            ),
        ],
        entries: None,
    },
    Section {
        title: "Docker image",
        fields: &[
            field(
                "Base image",
                "The image that the environment is built on, with its registry and tag.",
                &["environment", "docker", "baseImage"],
                FieldKind::Text,
            ),
            field(
                "Base Dockerfile",
                "The text of a Dockerfile instead of an image: only one of the two may be given.",
                &["environment", "docker", "baseDockerfile"],
                FieldKind::Paragraph,
            ),
            field(
                "In a container",
                "Clusters always run in one; other computes may run without.",
                &["environment", "docker", "enabled"],
                FieldKind::YesNo(["As the compute does", "Yes", "No"]),
            ),
            field(
                "Docker arguments",
                "Added to the command docker run, one in each line.",
                &["environment", "docker", "arguments"],
                FieldKind::Lines,
            ),
            field(
                "Shared volumes",
                "Some old versions of Docker for Windows need them off.",
                &["environment", "docker", "sharedVolumes"],
                FieldKind::YesNo(["On, if nothing is said", "On", "Off"]),
            ),
            field(
                "Registry",
                "Where the base image is, if it may not be read by everybody: myregistry.azurecr.io.",
                &["environment", "docker", "baseImageRegistry", "address"],
                FieldKind::Text,
            ),
            field(
                "Registry user",
                "Who reads from it.",
                &["environment", "docker", "baseImageRegistry", "username"],
                FieldKind::Text,
            ),
            field(
                "Registry password",
                "It is sent with the definition, and gone after a reload.",
                &["environment", "docker", "baseImageRegistry", "password"],
                FieldKind::Secret,
            ),
        ],
        entries: None,
    },
    Section {
        title: "Environment variables",
        fields: &[],
        entries: Some(Entries::Texts {
            path: &["environment", "environmentVariables"],
            noun: "variable",
            help: "The script finds them in its environment. Whoever may read the run may read them.",
        }),
    },
    Section { title: "Data", fields: &[], entries: Some(Entries::References) },
    Section {
        title: "Framework and several machines",
        fields: &[
            field(
                "Framework",
                "What starts the script.",
                &["framework"],
                FieldKind::Choice(&["Python", "PySpark", "TensorFlow", "PyTorch", "Cntk"], "Python"),
            ),
            field(
                "Communicator",
                "How several machines talk to each other.",
                &["communicator"],
                FieldKind::Choice(&["None", "ParameterServer", "Gloo", "Mpi", "Nccl"], "None"),
            ),
            field(
                "MPI processes per node",
                "For the communicator Mpi.",
                &["mpi", "processCountPerNode"],
                FieldKind::Number,
            ),
            field(
                "TensorFlow workers",
                "For the framework TensorFlow with the communicator ParameterServer.",
                &["tensorflow", "workerCount"],
                FieldKind::Number,
            ),
            field(
                "TensorFlow parameter servers",
                "For the same.",
                &["tensorflow", "parameterServerCount"],
                FieldKind::Number,
            ),
            field(
                "YARN deploy mode",
                "For HDInsight clusters alone.",
                &["hdi", "yarnDeployMode"],
                FieldKind::Choice(&["None", "Client", "Cluster"], "Cluster"),
            ),
        ],
        entries: None,
    },
    Section {
        title: "Spark",
        fields: &[
            field(
                "Spark packages",
                "One in each line, as group:artifact:version.",
                &["environment", "spark", "packages"],
                FieldKind::MavenPackages,
            ),
            field(
                "Spark repositories",
                "Where the packages are, one address in each line.",
                &["environment", "spark", "repositories"],
                FieldKind::Lines,
            ),
            field(
                "Precache packages",
                "Whether they are loaded while the image is built.",
                &["environment", "spark", "precachePackages"],
                FieldKind::YesNo(YES_UNLESS_SAID),
            ),
        ],
        entries: Some(Entries::Texts {
            path: &["spark", "configuration"],
            noun: "Spark setting",
            help: "Settings of the job, such as spark.executor.memory.",
        }),
    },
    Section {
        title: "Outputs and name",
        fields: &[
            field(
                "Collect outputs",
                "Whether what the run writes to outputs and logs is kept.",
                &["history", "outputCollection"],
                FieldKind::YesNo(YES_UNLESS_SAID),
            ),
            field(
                "Folders to watch",
                "Further folders whose files are kept while it runs, one in each line.",
                &["history", "directoriesToWatch"],
                FieldKind::Lines,
            ),
            field("Job name", "What the job is called instead of its script.", &["jobName"], FieldKind::Text),
        ],
        entries: None,
    },
];

/// Fields of a data reference, below its name: what each is called, its key, and its help.
pub const REFERENCE_FIELDS: [(&str, &str, &str, FieldKind); 5] = [
    ("Datastore", "dataStoreName", "Its name in this workspace.", FieldKind::Text),
    ("Path on the datastore", "pathOnDataStore", "A folder or a file there.", FieldKind::Text),
    (
        "Mode",
        "mode",
        "Mounted, copied before the run, or written back after it.",
        FieldKind::Choice(&["Mount", "Download", "Upload"], "Mount"),
    ),
    (
        "Path on the compute",
        "pathOnCompute",
        "Where it is found; chosen by the service if empty.",
        FieldKind::Text,
    ),
    (
        "Overwrite",
        "overwrite",
        "Whether what is there already is written over.",
        FieldKind::YesNo(["No, if nothing is said", "Yes", "No"]),
    ),
];

/// Why a field cannot be typed into.
pub const SOMETHING_ELSE: &str = "The JSON holds something else here. Change it there.";

impl Field {
    /// What the document says, as it is typed.
    ///
    /// # Errors
    /// Where what stands there could not be typed.
    pub fn read(&self, document: &DefinitionDocument) -> Result<String, &'static str> {
        let value = document.get(self.path);
        self.kind.read(value.as_ref()).ok_or(SOMETHING_ELSE)
    }

    /// The text of the document with what was typed. None where something else would be lost.
    pub fn write(&self, document: &DefinitionDocument, typed: &str) -> Option<String> {
        match self.kind.written(document.get(self.path), typed)? {
            Value::Null => Some(document.without(self.path)),
            value => document.with(self.path, &value),
        }
    }

    /// Whether the document says something.
    pub fn is_set(&self, document: &DefinitionDocument) -> bool {
        self.read(document) != Ok(String::new())
    }
}

impl FieldKind {
    /// None where the value is of another kind.
    pub fn read(self, value: Option<&Value>) -> Option<String> {
        let Some(value) = value else { return Some(String::new()) };
        match self {
            Self::Choice(words, _) => {
                let text = value.as_str()?;
                let known = words.iter().find(|word| word.eq_ignore_ascii_case(text));
                Some(known.map_or(text, |word| word).to_owned())
            }
            Self::Text | Self::Secret | Self::Script | Self::Compute => {
                value.as_str().filter(|text| !text.contains('\n')).map(str::to_owned)
            }
            Self::Paragraph => value.as_str().map(str::to_owned),
            // What is no number stands in the document as it was typed, where the checks find it.
            Self::Number => match value {
                Value::Number(number) => Some(number.to_string()),
                value => value.as_str().map(str::to_owned),
            },
            Self::YesNo(_) => value.as_bool().map(|value| value.to_string()),
            Self::Lines => lines_of(value.as_array()?.iter()),
            Self::CondaPackages => {
                let items = value.as_array()?.iter();
                lines_of(items.filter(|item| !item.is_object()))
            }
            Self::PipPackages => match value.as_array()?.iter().find_map(pip_of) {
                Some(packages) => lines_of(packages.as_array()?.iter()),
                None => Some(String::new()),
            },
            Self::MavenPackages => {
                let package = |item: &Value| {
                    let part = |name: &str| {
                        let fields = item.as_object()?.iter();
                        let mut found = fields.filter(|(key, _)| key.eq_ignore_ascii_case(name));
                        Some(found.next()?.1.as_str()?.to_owned())
                    };
                    Some([part("group")?, part("artifact")?, part("version")?].join(":"))
                };
                let packages: Option<Vec<String>> = value.as_array()?.iter().map(package).collect();
                Some(
                    packages?
                        .iter()
                        .map(|package| package.trim_end_matches(':'))
                        .collect::<Vec<_>>()
                        .join("\n"),
                )
            }
        }
    }

    /// What was typed without what means nothing: blank lines, blanks around numbers and packages.
    pub fn meant(self, typed: &str) -> String {
        match self {
            Self::Number => typed.trim().to_owned(),
            Self::Lines => join(typed.lines().filter(|line| !line.trim().is_empty())),
            Self::CondaPackages | Self::PipPackages => {
                join(typed.lines().map(str::trim).filter(|line| !line.is_empty()))
            }
            // While it is typed, the later parts are empty.
            Self::MavenPackages => {
                let lines = typed.lines().map(|line| line.trim().trim_end_matches(':'));
                join(lines.filter(|line| !line.is_empty()))
            }
            _ => typed.to_owned(),
        }
    }

    /// The value that stands for what was typed; null where that is nothing. None where what is there is no list that
    /// could hold it.
    fn written(self, old: Option<Value>, typed: &str) -> Option<Value> {
        let typed = self.meant(typed);
        let texts = || typed.lines().map(Value::from).collect::<Vec<_>>();
        let list = |items: Vec<Value>| if items.is_empty() { Value::Null } else { Value::Array(items) };
        Some(match self {
            Self::CondaPackages | Self::PipPackages => {
                let old = match old {
                    None => Vec::new(),
                    Some(Value::Array(items)) => items,
                    Some(_) => return None,
                };
                list(if self == Self::CondaPackages {
                    with_conda_packages(old, texts())
                } else {
                    with_pip_packages(old, texts())
                })
            }
            Self::Lines => list(texts()),
            Self::MavenPackages => {
                let package = |line: &str| {
                    let mut parts = line.splitn(3, ':');
                    let part = |name: &str| (name.to_owned(), Value::from(parts.next().unwrap_or_default()));
                    Value::Object(["group", "artifact", "version"].into_iter().map(part).collect())
                };
                list(typed.lines().map(package).collect())
            }
            _ if typed.is_empty() => Value::Null,
            Self::Number => typed.parse::<u64>().map_or(Value::from(typed), Value::from),
            Self::YesNo(_) => Value::from(typed == "true"),
            _ => Value::from(typed),
        })
    }
}

/// Texts, each in a line; none where one could not be told from the others so.
fn lines_of<'a>(items: impl Iterator<Item = &'a Value>) -> Option<String> {
    let line = |item: &Value| match item {
        Value::String(text) if text.trim().is_empty() || text.contains(['\n', '\r']) => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Some(items.map(line).collect::<Option<Vec<_>>>()?.join("\n"))
}

fn join<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn pip_of(item: &Value) -> Option<&Value> {
    item.as_object()?.get("pip")
}

/// What is no text stays behind them.
fn with_conda_packages(old: Vec<Value>, packages: Vec<Value>) -> Vec<Value> {
    packages.into_iter().chain(old.into_iter().filter(Value::is_object)).collect()
}

fn with_pip_packages(mut old: Vec<Value>, packages: Vec<Value>) -> Vec<Value> {
    let place = old.iter().position(|item| pip_of(item).is_some());
    match (place, packages.is_empty()) {
        (Some(place), true) => drop(old.remove(place)),
        (Some(place), false) => old[place]["pip"] = Value::Array(packages),
        (None, true) => {}
        (None, false) => old.push(Value::Object(Map::from_iter([("pip".to_owned(), packages.into())]))),
    }
    old
}

/// A name that is not there yet: `variable_1`.
pub fn new_name(names: &[String], noun: &str) -> String {
    let candidates = (1..).map(|number| format!("{}_{number}", noun.replace(' ', "_")));
    candidates.into_iter().find(|name| !names.contains(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ARTICLE: &str =
        include_str!("../../../crates/simulator/samples/execution_startrun_definition.json");

    fn document(text: &str) -> DefinitionDocument {
        DefinitionDocument::parse(text).unwrap()
    }

    fn all() -> impl Iterator<Item = &'static Field> {
        FIRST.iter().chain(SECTIONS.iter().flat_map(|section| section.fields))
    }

    fn named(label: &str) -> &'static Field {
        all().find(|field| field.label == label).unwrap()
    }

    /// Types into a field of a text.
    fn typed(text: &str, label: &str, typed: &str) -> String {
        named(label).write(&document(text), typed).unwrap()
    }

    #[test]
    fn what_is_typed_is_read_again_in_every_field() {
        for text in [ARTICLE, "{\"configuration\":{}}"] {
            for field in all() {
                let given = match field.kind {
                    FieldKind::Number => "3",
                    FieldKind::YesNo(_) => "true",
                    FieldKind::Choice(words, _) => words[1],
                    FieldKind::MavenPackages => "a.b:c:1\nd:e:2",
                    FieldKind::Lines | FieldKind::CondaPackages | FieldKind::PipPackages => "one\ntwo",
                    _ => "text",
                };
                let changed = field.write(&document(text), given).unwrap();
                assert_eq!(
                    field.read(&document(&changed)).as_deref(),
                    Ok(given),
                    "{}: {changed}",
                    field.label
                );
                assert!(field.is_set(&document(&changed)));
                let emptied = field.write(&document(&changed), "").unwrap();
                assert!(!field.is_set(&document(&emptied)), "{}: {emptied}", field.label);
                if text != ARTICLE {
                    assert_eq!(emptied, text, "{}", field.label);
                }
            }
        }
    }

    #[test]
    fn the_article_is_read() {
        let read = |label| named(label).read(&document(ARTICLE)).unwrap();
        assert_eq!(read("Script"), "hello.py");
        assert_eq!(read("Arguments"), "234");
        assert_eq!(read("Longest time in seconds"), "1200");
        assert_eq!(read("Conda packages"), "python=3.6.2");
        assert_eq!(read("Pip packages"), "azureml-defaults");
        assert_eq!(read("Who provides the packages"), "false");
        assert_eq!(read("Job name"), "");
    }

    #[test]
    fn packages_of_conda_and_of_pip_stand_in_one_list() {
        let dependencies = |text: &str| document(text).get(PACKAGES).unwrap();
        let text = typed(ARTICLE, "Conda packages", "python=3.8\n\n numpy ");
        assert_eq!(dependencies(&text), json!(["python=3.8", "numpy", { "pip": ["azureml-defaults"] }]));
        let text = typed(&text, "Pip packages", "");
        assert_eq!(dependencies(&text), json!(["python=3.8", "numpy"]));
        let text = typed(&text, "Pip packages", "pandas");
        assert_eq!(dependencies(&text), json!(["python=3.8", "numpy", { "pip": ["pandas"] }]));
        assert!(text.contains("\"project_environment\""), "{text}");
    }

    #[test]
    fn half_a_package_stays_as_it_is_typed() {
        for half in ["org", "org:", "org:spark:", "org:spark:2"] {
            let text = typed(ARTICLE, "Spark packages", half);
            let read = named("Spark packages").read(&document(&text)).unwrap();
            assert_eq!(read, FieldKind::MavenPackages.meant(half));
        }
    }

    #[test]
    fn what_is_no_number_is_kept_for_the_checks() {
        let text = typed(ARTICLE, "Nodes", "many");
        assert_eq!(document(&text).get(&["nodeCount"]), Some(json!("many")));
        assert_eq!(named("Nodes").read(&document(&text)).as_deref(), Ok("many"));
        assert_eq!(document(&typed(&text, "Nodes", " 2 ")).get(&["nodeCount"]), Some(json!(2)));
    }

    #[test]
    fn what_could_not_be_typed_is_left_to_the_json() {
        for text in [
            r#"{"configuration":{"arguments":["a\nb"]}}"#,
            r#"{"configuration":{"arguments":[""]}}"#,
            r#"{"configuration":{"arguments":"a b"}}"#,
        ] {
            assert_eq!(named("Arguments").read(&document(text)), Err(SOMETHING_ELSE), "{text}");
        }
        let text = r#"{"configuration":{"environment":"x"}}"#;
        assert_eq!(named("Base image").write(&document(text), "image"), None);
        assert_eq!(named("Script").read(&document(r#"{"configuration":{"script":1}}"#)), Err(SOMETHING_ELSE));
    }

    #[test]
    fn words_are_known_in_any_case_and_others_stay() {
        let text = |word: &str| format!(r#"{{"configuration":{{"framework":"{word}"}}}}"#);
        assert_eq!(named("Framework").read(&document(&text("pytorch"))).as_deref(), Ok("PyTorch"));
        assert_eq!(named("Framework").read(&document(&text("Torch"))).as_deref(), Ok("Torch"));
    }

    #[test]
    fn fields_have_names_of_their_own() {
        let mut labels: Vec<_> = all().map(|field| field.label).collect();
        let count = labels.len();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), count);
        assert_eq!(new_name(&["variable_1".to_owned()], "variable"), "variable_2");
    }
}

//! What can be known of a run before it is handed in.

use azimuth_api::{Compute, ComputeState, DefinitionError, ExperimentName, RunDefinition};
use serde_json::Value;

use crate::components::field::{CheckItem, CheckState};
use crate::components::format::{format_bytes, format_duration};
use crate::pages::submit::earlier::EarlierFiles;
use crate::pages::submit::experiment_name::Known;
use crate::project_zip::{Named, ProjectZip, ScriptPlace, Sort, ZipFix, ZipReport};
use crate::query::Loaded;
use crate::secrets::left_out;

/// What the service takes at most, by Microsoft's SDK.
pub const MOST_ZIP_BYTES: f64 = 300.0 * 1024.0 * 1024.0;
/// How many files it takes at most, by the same.
const MOST_FILES: usize = 2_000;
/// More than this unpacked is worth a word: the disk of a small machine has about ten times as much.
const MUCH_UNPACKED: u64 = 2_000_000_000;
/// More than this fits nowhere.
const MOST_UNPACKED: u64 = 200_000_000_000;

/// What can be done about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// Another zip is made of the one that was chosen.
    Zip(ZipFix),
    /// The repair of the definition is shown.
    Definition,
    /// This script is written in the definition.
    Script(String),
    /// The computes are asked for again.
    Computes,
}

impl Fix {
    fn label(&self) -> &'static str {
        match self {
            Self::Zip(ZipFix::TakeOut(_)) => "Take the files out of the folder",
            Self::Zip(ZipFix::LeaveOut(_)) => "Leave them out",
            Self::Zip(ZipFix::Slashes) => "Write slashes",
            Self::Definition => "Repair",
            Self::Script(_) => "Write this in the definition",
            Self::Computes => "Ask again",
        }
    }
}

/// A check, and what can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// As it is shown.
    pub item: CheckItem,
    /// What its action does.
    pub fix: Option<Fix>,
}

/// Checks of the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Of what.
    pub title: &'static str,
    /// The checks.
    pub findings: Vec<Finding>,
}

/// The zip, as far as it is known.
#[derive(Clone, Copy)]
pub enum ZipState<'a> {
    /// None was chosen.
    Missing,
    /// It has more bytes than the service takes, and is not read.
    TooLarge,
    /// It is being read, or made anew.
    Reading,
    /// It cannot be handed in.
    Faulty,
    /// None is needed: the files of an earlier run are handed in again.
    Earlier(&'a EarlierFiles),
    /// It was read; it has so many bytes.
    Read(&'a ProjectZip, &'a ZipReport, f64),
}

/// What is known when checks are made.
pub struct Facts<'a> {
    pub experiment: &'a ExperimentName,
    pub known: Known,
    pub zip: ZipState<'a>,
    pub definition: Option<&'a Result<RunDefinition, DefinitionError>>,
    /// Whether a definition that cannot be read can be repaired.
    pub can_repair: bool,
    pub computes: Option<&'a Loaded<Compute>>,
    pub computes_failed: bool,
}

/// How many checks went how, in a sentence.
pub fn summary(groups: &[Group]) -> String {
    let count = |state: CheckState| {
        groups.iter().flat_map(|group| &group.findings).filter(|finding| finding.item.state == state).count()
    };
    let parts: Vec<String> = [(count(CheckState::Bad), "problem"), (count(CheckState::Warning), "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| counted(count, noun))
        .collect();
    match (parts.is_empty(), count(CheckState::Pending)) {
        (true, 0) => "Everything is in order.".to_owned(),
        (true, _) => String::new(),
        (false, _) => format!("{}.", parts.join(", ")),
    }
}

/// Why the run cannot be handed in yet; empty where it can.
pub fn obstacle(groups: &[Group]) -> String {
    let of = |state: CheckState| {
        let is_it = move |finding: &&Finding| finding.item.state == state;
        groups.iter().filter(move |group| group.findings.iter().any(|finding| is_it(&finding)))
    };
    let names = |groups: Vec<&str>| groups.join(", ").to_lowercase();
    let bad: Vec<&str> = of(CheckState::Bad).map(|group| group.title).collect();
    if !bad.is_empty() {
        return format!("Solve the problems first: {}.", names(bad));
    }
    let pending: Vec<&str> = of(CheckState::Pending).map(|group| group.title).collect();
    if pending.is_empty() { String::new() } else { format!("Still to come: {}.", names(pending)) }
}

impl Facts<'_> {
    /// All checks.
    pub fn checks(&self) -> Vec<Group> {
        vec![
            Group { title: "Experiment", findings: vec![self.name()] },
            Group { title: "Project zip", findings: self.zip_checks() },
            Group { title: "Definition", findings: self.definition_checks() },
            Group { title: "Compute", findings: self.compute_checks() },
        ]
    }

    fn name(&self) -> Finding {
        let name = self.experiment.as_str();
        if name.is_empty() {
            return pending("No name yet");
        }
        if self.experiment.fault().is_some() {
            // What is wrong stands by the field.
            return bad("This cannot be a name", "");
        }
        match &self.known {
            Known::Unasked => good(name),
            Known::New => good(format!("{name} will be a new experiment")),
            Known::Used => good(format!("{name} is there")),
            Known::Archived => warning(
                format!("{name} is archived"),
                "The service makes a new experiment of the same name for this run.",
            ),
            Known::OtherCase(other) => warning(
                format!("{name} will be a new experiment"),
                format!("There is {other}, which differs in upper and lower case alone."),
            ),
        }
    }

    fn zip_checks(&self) -> Vec<Finding> {
        let (zip, report, bytes) = match self.zip {
            ZipState::Missing => return vec![pending("No zip yet")],
            ZipState::Reading => return vec![pending("Reading…")],
            ZipState::Earlier(files) => {
                return vec![good(format!("The files of {} are used again", files.run))];
            }
            // What is wrong stands by the field.
            ZipState::TooLarge => return vec![bad("The zip is too large", "")],
            ZipState::Faulty => return vec![bad("The zip cannot be handed in", "")],
            ZipState::Read(_, report, _) if report.files == 0 => {
                return vec![bad("There are no files in the zip", "Zip what is in the project’s folder.")];
            }
            ZipState::Read(zip, report, bytes) => (zip, report, bytes),
        };
        let mut findings = vec![good(format!("{}, {}", counted(report.files, "file"), format_bytes(bytes)))];
        findings.extend(unpackable(report, bytes));
        findings.extend(self.wrapping(zip, report));
        findings.extend(unneeded(report));
        findings.extend(unwise(report));
        findings
    }

    /// One folder around everything, where the script is not found with it.
    fn wrapping(&self, zip: &ProjectZip, report: &ZipReport) -> Option<Finding> {
        let end = report.folder.find('/')?;
        let script = self.definition.and_then(|definition| definition.as_ref().ok()?.script.as_deref());
        let place = script.map(|script| zip.place_of(script));
        // The script says it itself where it is in a folder.
        if place.is_some_and(|place| !matches!(place, ScriptPlace::Missing(_))) {
            return None;
        }
        let folder = &report.folder[..=end];
        let detail = "The folder was zipped, not what is in it: paths begin with the folder’s name.";
        let finding = warning(format!("Everything is in the folder {}", &folder[..end]), detail);
        Some(finding.with(Fix::Zip(ZipFix::TakeOut(folder.to_owned()))))
    }

    fn definition_checks(&self) -> Vec<Finding> {
        let definition = match self.definition {
            None => return vec![pending("No definition yet")],
            Some(Err(_)) => {
                // What is wrong stands by the field.
                let finding = bad("The definition cannot be read", "");
                return vec![if self.can_repair { finding.with(Fix::Definition) } else { finding }];
            }
            Some(Ok(definition)) => definition,
        };
        let mut findings = vec![self.script(definition)];
        findings.push(time_limit(definition));
        findings.extend(unknown_word(
            definition,
            "framework",
            &["Python", "PySpark", "Cntk", "TensorFlow", "PyTorch"],
        ));
        findings.extend(unknown_word(
            definition,
            "communicator",
            &["None", "ParameterServer", "Gloo", "Mpi", "Nccl"],
        ));
        findings.extend(arguments(definition));
        findings.extend(conda(definition));
        findings.extend(image(definition));
        findings.extend(counts(definition));
        findings.extend(secrets_left_out(definition));
        findings
    }

    fn script(&self, definition: &RunDefinition) -> Finding {
        let Some(script) = &definition.script else {
            let detail = "“Script” says which file of the zip is run, such as \"train.py\".";
            if let ZipState::Read(zip, ..) = self.zip
                && let [script] = zip.scripts().as_slice()
            {
                let finding = bad("No script is named", format!("The one in the zip is {script}."));
                return finding.with(Fix::Script(script.clone()));
            }
            return bad("No script is named", detail);
        };
        if script.contains('\\') {
            let detail =
                format!("Where runs run, folders end with a slash: write {}.", script.replace('\\', "/"));
            return bad("The script is written with backslashes", detail);
        }
        if let ZipState::Earlier(files) = self.zip {
            return match &files.script {
                Some(known) if known == script => good(format!("{script} is what {} ran", files.run)),
                _ => warning(
                    format!("{script} may not be among the files of {}", files.run),
                    "The service has them, so it cannot be looked for. Where it is not there, the run fails.",
                ),
            };
        }
        let ZipState::Read(zip, report, _) = self.zip else {
            return pending(format!("{script}: looked for in the zip"));
        };
        match zip.place_of(script) {
            ScriptPlace::Found => {
                unfit_script(definition, script).unwrap_or_else(|| good(format!("{script} is in the zip")))
            }
            ScriptPlace::FoundEmpty => warning(format!("{script} is empty"), "A run of it does nothing."),
            ScriptPlace::OtherCase(found) => bad(
                format!("{script} is written {found} in the zip"),
                "Upper and lower case must agree: change the definition, or the name of the file.",
            )
            .with(Fix::Script(found)),
            ScriptPlace::Backslashes => bad(
                format!("{script} is in the zip with backslashes"),
                "Where runs run, a backslash is a part of the name and no folder.",
            )
            .with(Fix::Zip(ZipFix::Slashes)),
            ScriptPlace::InFolder(folder) => {
                let inside = format!("{folder}/");
                let label = format!("{script} is in the folder {folder}");
                if report.folder.starts_with(&inside) {
                    bad(label, "So is everything else: the folder was zipped, not what is in it.")
                        .with(Fix::Zip(ZipFix::TakeOut(inside)))
                } else {
                    bad(
                        label,
                        format!("Write {inside}{script} in the definition, or zip what is in the folder."),
                    )
                    .with(Fix::Script(format!("{inside}{script}")))
                }
            }
            ScriptPlace::Missing(scripts) if scripts.is_empty() => bad(
                format!("{script} is not in the zip"),
                "Put it there, or change “Script” in the definition.",
            ),
            ScriptPlace::Missing(scripts) if scripts.len() == 1 => bad(
                format!("{script} is not in the zip"),
                format!("At its root is {}. Put it there, or change “Script” in the definition.", scripts[0]),
            )
            .with(Fix::Script(scripts[0].clone())),
            ScriptPlace::Missing(scripts) => bad(
                format!("{script} is not in the zip"),
                format!(
                    "At its root are {}. Put it there, or change “Script” in the definition.",
                    scripts.join(", ")
                ),
            ),
        }
    }

    fn compute_checks(&self) -> Vec<Finding> {
        let Some(Ok(definition)) = self.definition else {
            return vec![pending("Named in the definition")];
        };
        let Some(target) = &definition.target else {
            let detail = match self.computes {
                Some(computes) => format!("“Target” says where it runs. {}", names(computes)),
                None => "“Target” says on which compute it runs.".to_owned(),
            };
            return vec![bad("No compute is named", detail)];
        };
        if target.eq_ignore_ascii_case("local") {
            return vec![bad(
                "“local” is no compute",
                "It means one’s own computer. Name a compute of this workspace.",
            )];
        }
        let Some(computes) = self.computes else {
            return vec![if self.computes_failed {
                warning(format!("Whether there is a compute {target} could not be asked"), "")
                    .with(Fix::Computes)
            } else {
                pending(format!("{target}: being asked for"))
            }];
        };
        let found = computes.items().find(|compute| compute.name.as_str().eq_ignore_ascii_case(target));
        let Some(compute) = found else {
            return vec![if computes.has_more() {
                warning(format!("{target} is not among the first {} computes", computes.len()), "")
            } else {
                bad(format!("There is no compute {target}"), names(computes)).with(Fix::Computes)
            }];
        };
        let mut findings = vec![state_of(compute, target)];
        findings.extend(nodes(definition, compute));
        findings
    }
}

/// What keeps a zip from being unpacked.
fn unpackable(report: &ZipReport, bytes: f64) -> Vec<Finding> {
    let mut findings = Vec::new();
    let unpacked = format_bytes(report.unpacked as f64);
    if report.is_absurd || report.unpacked > MOST_UNPACKED {
        findings.push(bad(
            "The sizes in the zip cannot be",
            format!("By its own word it unpacks to {unpacked}, from {}. Make it again.", format_bytes(bytes)),
        ));
    } else if report.unpacked > MUCH_UNPACKED {
        findings.push(warning(
            format!("It unpacks to {unpacked}"),
            "Each machine of the run needs the room, and the time to unpack it.",
        ));
    }
    findings.extend(named(&report.leading_out, || {
        let label = counted(report.leading_out.count, "name");
        bad(
            format!("{label} that would lead out of the project"),
            "A name must not hold “..”, nor begin with a slash or a drive. Make the zip from inside the project’s folder.",
        )
    }));
    findings.extend(named(&report.encrypted, || {
        let files = counted(report.encrypted.count, "file");
        bad(format!("{files} with a password"), "The service does not have it. Make the zip without one.")
    }));
    findings.extend(named(&report.duplicates, || {
        let label = counted(report.duplicates.count, "name");
        bad(
            format!("{label} in the zip more than once"),
            "Which file is meant cannot be told. Make the zip again.",
        )
    }));
    findings.extend(named(&report.unusual, || {
        let label = counted(report.unusual.count, "file");
        warning(
            format!("{label} packed in an unusual way"),
            "The service may not unpack it. Deflate, the usual way, is safe.",
        )
    }));
    findings
}

/// What a run does not need.
fn unneeded(report: &ZipReport) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(named(&report.secrets, || {
        warning(
            format!("{} that may be secret", counted(report.secrets.count, "file")),
            "Whoever can read the run’s snapshot can read these.",
        )
        .with(Fix::Zip(ZipFix::LeaveOut(Sort::Secret)))
    }));
    if !report.ballast.is_empty() {
        let kinds = report.ballast.iter().map(|(kind, named)| {
            let size = format_bytes(named.packed as f64);
            format!("{kind}: {}, {size}", counted(named.count, "file"))
        });
        let packed: u64 = report.ballast.iter().map(|(_, named)| named.packed).sum();
        let mut finding = warning(
            format!("{} that a run does not need", format_bytes(packed as f64)),
            "Environments, caches and the history of sources are made anew or not used where it runs.",
        )
        .with(Fix::Zip(ZipFix::LeaveOut(Sort::Ballast)));
        finding.item.names = kinds.take(5).collect();
        finding.item.more = more(report.ballast.len(), 5);
        findings.push(finding);
    }
    findings.extend(named(&report.added, || {
        warning(format!("{} that macOS or Windows added", counted(report.added.count, "file")), "")
            .with(Fix::Zip(ZipFix::LeaveOut(Sort::Added)))
    }));
    findings
}

/// What may not do what it was meant to.
fn unwise(report: &ZipReport) -> Vec<Finding> {
    let mut findings = Vec::new();
    if report.files > MOST_FILES {
        let folders: Vec<String> =
            report.folders.iter().map(|(name, count)| format!("{name} ({})", grouped(*count))).collect();
        let most = match folders.is_empty() {
            true => String::new(),
            false => format!(" Most are in {}.", folders.join(", ")),
        };
        findings.push(warning(
            format!("{} files are many", grouped(report.files)),
            format!("The service is known to take {}.{most}", grouped(MOST_FILES)),
        ));
    }
    findings.extend(named(&report.backslashes, || {
        warning(
            format!("{} with backslashes", counted(report.backslashes.count, "name")),
            "Where runs run, a backslash is a part of the name and no folder.",
        )
        .with(Fix::Zip(ZipFix::Slashes))
    }));
    findings.extend(named(&report.twins, || {
        warning(
            format!("{} there in another case too", counted(report.twins.count, "name")),
            "On Windows and macOS upper and lower case are the same file.",
        )
    }));
    findings.extend(named(&report.links, || {
        warning(
            counted(report.links.count, "link"),
            "They may be unpacked as short texts. Put the files themselves in the zip.",
        )
    }));
    findings
}

/// A script of a kind that Python does not run.
fn unfit_script(definition: &RunDefinition, script: &str) -> Option<Finding> {
    let framework = definition.field(&["framework"]).and_then(Value::as_str).unwrap_or("Python");
    if !framework.eq_ignore_ascii_case("python") || script.to_ascii_lowercase().ends_with(".py") {
        return None;
    }
    let detail = if script.to_ascii_lowercase().ends_with(".ipynb") {
        "A notebook is no script: save it as one (jupyter nbconvert --to script)."
    } else {
        "The framework Python runs it with Python."
    };
    Some(warning(format!("{script} does not end with .py"), detail))
}

fn time_limit(definition: &RunDefinition) -> Finding {
    let how = "“MaxRunDurationSeconds” says after how many seconds the service stops it.";
    match definition.field(&["maxRunDurationSeconds"]) {
        None => {
            warning("No time limit", format!("It runs, and costs, until it ends or somebody stops it. {how}"))
        }
        Some(value) => match value.as_u64() {
            Some(0) => warning("A time limit of 0 seconds", how),
            Some(seconds) => {
                good(format!("Stopped after {} at the latest", format_duration(seconds as f64 * 1_000.0)))
            }
            None => bad(format!("The time limit is {value}"), how),
        },
    }
}

/// A word that is none of those the service knows.
fn unknown_word(definition: &RunDefinition, field: &str, words: &[&str]) -> Option<Finding> {
    let value = definition.field(&[field])?;
    if value.as_str().is_some_and(|found| words.iter().any(|word| word.eq_ignore_ascii_case(found))) {
        return None;
    }
    Some(warning(format!("{value} is no {field} that is known"), format!("Known are {}.", words.join(", "))))
}

fn arguments(definition: &RunDefinition) -> Option<Finding> {
    let example = "They are a list of texts, numbers too: [\"--epochs\", \"10\"].";
    match definition.field(&["arguments"])? {
        Value::Array(items) => {
            let wrong = items.iter().find(|item| !item.is_string())?;
            Some(warning(format!("The argument {wrong} is no text"), example))
        }
        other => Some(warning(format!("The arguments are {}, not a list", kind_of(other)), example)),
    }
}

/// The packages of the environment: the service reads what a conda file would say, in JSON.
fn conda(definition: &RunDefinition) -> Option<Finding> {
    let python = |key| definition.field(&["environment", "python", key]);
    if python("userManagedDependencies") == Some(&Value::Bool(true)) {
        return None;
    }
    let conda = python("condaDependencies")?;
    let label = "The conda packages may not be understood";
    let Some(fields) = conda.as_object() else {
        let detail =
            format!("“CondaDependencies” is {}; write what a conda file says as JSON.", kind_of(conda));
        return Some(warning(label, detail));
    };
    // Only these keys keep their case.
    let detail = match fields.get("dependencies") {
        Some(Value::Array(packages)) => {
            let is_package = |package: &&Value| match package {
                Value::String(_) => true,
                Value::Object(fields) => fields.get("pip").is_some_and(Value::is_array),
                _ => false,
            };
            let wrong = packages.iter().find(|package| !is_package(package))?;
            format!("{wrong} is neither a package nor {{\"pip\": […]}}.")
        }
        Some(other) => format!("“dependencies” is {}, not a list.", kind_of(other)),
        None => match fields.keys().find(|key| key.eq_ignore_ascii_case("dependencies")) {
            Some(key) => format!("Write “{key}” in lower case."),
            None => "There is no list “dependencies” in it.".to_owned(),
        },
    };
    Some(warning(label, detail))
}

/// Both an image and the text of one.
fn image(definition: &RunDefinition) -> Option<Finding> {
    let has = |key| definition.field(&["environment", "docker", key]).is_some_and(|value| value != "");
    (has("baseImage") && has("baseDockerfile")).then(|| {
        warning(
            "Both a base image and a Dockerfile",
            "Only one of “BaseImage” and “BaseDockerfile” may be given.",
        )
    })
}

/// Numbers of a framework that are none.
fn counts(definition: &RunDefinition) -> Vec<Finding> {
    let fields = [
        ["mpi", "processCountPerNode"],
        ["tensorflow", "workerCount"],
        ["tensorflow", "parameterServerCount"],
    ];
    let wrong = fields.into_iter().filter_map(|path| {
        let value = definition.field(&path).filter(|value| !value.is_u64())?;
        Some(bad(
            format!("{value} is no number"),
            format!("“{}” is a whole number, without quotes.", path[1]),
        ))
    });
    wrong.collect()
}

/// What was left out when an earlier definition was shown, or this one was kept over a reload. It must not be handed in as it stands.
fn secrets_left_out(definition: &RunDefinition) -> Option<Finding> {
    let names = left_out(&definition.document);
    (!names.is_empty()).then(|| {
        let mut finding = bad(
            format!("{} to be written again", counted(names.len(), "value")),
            "What may be secret is neither taken over from an earlier run nor kept over a reload. Write it in, or take it out.",
        );
        finding.item.more = more(names.len(), 4);
        finding.item.names = names.into_iter().take(4).collect();
        finding
    })
}

fn state_of(compute: &Compute, target: &str) -> Finding {
    match compute.state() {
        ComputeState::Usable => good(format!("{target} takes runs")),
        ComputeState::NotNow(state) if matches!(state.as_str(), "Stopped" | "Stopping") => warning(
            format!("{target} is stopped"),
            "A run does not start it. Start it first; whoever it belongs to can.",
        )
        .with(Fix::Computes),
        ComputeState::NotNow(state) => {
            warning(format!("{target} is not ready: {state}"), "The run waits until it is.")
                .with(Fix::Computes)
        }
        ComputeState::Failed => {
            let faults = compute.faults();
            let detail = faults.first().map_or("Nothing runs on it. Name another.", String::as_str);
            bad(format!("{target} could not be made"), detail).with(Fix::Computes)
        }
        ComputeState::NotForRuns => bad(
            format!("{target} takes no runs"),
            format!("It is of the kind {}. Name another.", compute.properties.compute_type),
        ),
    }
}

/// Whether the machines that are wanted can be had.
fn nodes(definition: &RunDefinition, compute: &Compute) -> Option<Finding> {
    let wanted = definition.field(&["nodeCount"])?;
    let Some(wanted) = wanted.as_u64().filter(|wanted| *wanted > 0) else {
        return Some(bad(
            format!("{wanted} is no number of machines"),
            "“NodeCount” is a number from 1 up, without quotes.",
        ));
    };
    let properties = &compute.properties;
    let most = match (&properties.properties.scale_settings, properties.compute_type.as_str()) {
        (Some(scale), "AmlCompute") => u64::from(scale.max_node_count),
        (_, "ComputeInstance" | "VirtualMachine") => 1,
        _ => return None,
    };
    let name = &compute.name;
    match (wanted, most) {
        _ if wanted > most => Some(bad(
            format!("{} wanted, {name} has at most {most}", counted_machines(wanted)),
            format!(
                "Such a run waits for ever. Write a “NodeCount” of {most} or less, or name a larger compute."
            ),
        )),
        (1, _) => None,
        _ => Some(good(format!("{} of at most {most}", counted_machines(wanted)))),
    }
}

fn counted_machines(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "machine")
}

fn names(computes: &Loaded<Compute>) -> String {
    let usable: Vec<&str> = computes
        .items()
        .filter(|compute| compute.state() == ComputeState::Usable)
        .map(|compute| compute.name.as_str())
        .take(5)
        .collect();
    if usable.is_empty() {
        "None in this workspace takes runs now.".to_owned()
    } else {
        format!("These take runs: {}.", usable.join(", "))
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// `2,345`.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 file`, `2,345 files`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// `and 1,994 more`, where not all are shown.
fn more(count: usize, shown: usize) -> String {
    if count > shown { format!("and {} more", grouped(count - shown)) } else { String::new() }
}

/// A finding with the names it is about, if there are any.
fn named(named: &Named, finding: impl FnOnce() -> Finding) -> Option<Finding> {
    (named.count > 0).then(|| {
        let mut finding = finding();
        finding.item.names.clone_from(&named.first);
        finding.item.more = more(named.count, named.first.len());
        finding
    })
}

impl Finding {
    fn with(mut self, fix: Fix) -> Self {
        self.item.action = Some(fix.label());
        self.fix = Some(fix);
        self
    }
}

fn finding(state: CheckState, label: String, detail: String) -> Finding {
    let item = CheckItem { state, label, detail, ..CheckItem::default() };
    Finding { item, fix: None }
}

fn pending(label: impl Into<String>) -> Finding {
    finding(CheckState::Pending, label.into(), String::new())
}

fn good(label: impl Into<String>) -> Finding {
    finding(CheckState::Good, label.into(), String::new())
}

fn warning(label: impl Into<String>, detail: impl Into<String>) -> Finding {
    finding(CheckState::Warning, label.into(), detail.into())
}

fn bad(label: impl Into<String>, detail: impl Into<String>) -> Finding {
    finding(CheckState::Bad, label.into(), detail.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project_zip::samples::{File, read, zip};

    const DEFINITION: &str =
        r#"{"Configuration":{"Script":"hello.py","Target":"cpu-compute","MaxRunDurationSeconds":3600}}"#;

    const COMPUTES: &str = r#"[
        {"name":"cpu-compute","properties":{"computeType":"AmlCompute","provisioningState":"Succeeded","properties":{"scaleSettings":{"maxNodeCount":6}}}},
        {"name":"broken","properties":{"computeType":"AmlCompute","provisioningState":"Failed","provisioningErrors":[{"error":{"message":"No cores left."}}]}},
        {"name":"young","properties":{"computeType":"AmlCompute","provisioningState":"Creating"}},
        {"name":"asleep","properties":{"computeType":"ComputeInstance","provisioningState":"Succeeded","properties":{"state":"Stopped"}}},
        {"name":"serving","properties":{"computeType":"AKS","provisioningState":"Succeeded"}}]"#;

    /// What a test says of a run; the rest is in order.
    struct Given {
        experiment: &'static str,
        known: Known,
        files: Vec<File>,
        definition: String,
        computes: Option<Loaded<Compute>>,
    }

    fn given() -> Given {
        Given {
            experiment: "e",
            known: Known::Used,
            files: vec![File::new("hello.py", b"print()")],
            definition: DEFINITION.to_owned(),
            computes: Some(Loaded::whole(serde_json::from_str(COMPUTES).unwrap())),
        }
    }

    impl Given {
        fn groups(&self) -> Vec<Group> {
            let bytes = zip(&self.files);
            let read = read(&bytes).unwrap();
            let report = read.report();
            let definition = RunDefinition::parse(&self.definition);
            let facts = Facts {
                experiment: &self.experiment.into(),
                known: self.known.clone(),
                zip: ZipState::Read(&read, &report, bytes.len() as f64),
                definition: (!self.definition.is_empty()).then_some(&definition),
                can_repair: false,
                computes: self.computes.as_ref(),
                computes_failed: self.computes.is_none(),
            };
            facts.checks()
        }

        /// What is not in order.
        fn findings(&self) -> Vec<Finding> {
            let findings = self.groups().into_iter().flat_map(|group| group.findings);
            findings.filter(|finding| finding.item.state != CheckState::Good).collect()
        }

        /// The one thing that is not in order: how it is, its words, and what can be done.
        fn one(&self) -> (CheckState, String, Option<Fix>) {
            let mut findings = self.findings();
            assert_eq!(findings.len(), 1, "{findings:?}");
            let Finding { item, fix } = findings.remove(0);
            (item.state, format!("{}. {} {}", item.label, item.detail, item.names.join(" ")), fix)
        }
    }

    /// A definition with one field more, or another value of it.
    fn with_field(field: &str, value: &str) -> Given {
        let mut document: Value = serde_json::from_str(DEFINITION).unwrap();
        document["Configuration"][field] = serde_json::from_str(value).unwrap();
        Given { definition: document.to_string(), ..given() }
    }

    fn with_files(files: Vec<File>) -> Given {
        Given { files: [given().files, files].concat(), ..given() }
    }

    #[track_caller]
    fn check(given: &Given, state: CheckState, words: &str) {
        let (found, text, _) = given.one();
        assert_eq!(found, state, "{text}");
        assert!(text.contains(words), "“{words}” is not in “{text}”");
    }

    #[test]
    fn what_was_left_out_of_an_earlier_definition_has_to_be_written_again() {
        let (state, words, _) = with_field("Arguments", r#"["--api-key","not shown"]"#).one();
        assert_eq!(state, CheckState::Bad);
        assert!(words.contains("1 value to be written again") && words.contains("Arguments"), "{words}");
    }

    #[test]
    fn what_is_in_order_is_told_in_a_line_each() {
        let groups = given().groups();
        let labels: Vec<_> = groups.iter().flat_map(|group| &group.findings).collect();
        assert_eq!(labels.len(), 5);
        assert!(labels.iter().all(|finding| finding.item.detail.is_empty()));
        assert_eq!((summary(&groups).as_str(), obstacle(&groups).as_str()), ("Everything is in order.", ""));
    }

    #[test]
    fn what_is_missing_is_waited_for_and_said() {
        let facts = Facts {
            experiment: &"".into(),
            known: Known::New,
            zip: ZipState::Missing,
            definition: None,
            can_repair: false,
            computes: None,
            computes_failed: false,
        };
        let groups = facts.checks();
        assert!(
            groups
                .iter()
                .flat_map(|group| &group.findings)
                .all(|finding| finding.item.state == CheckState::Pending)
        );
        assert_eq!(summary(&groups), "");
        assert_eq!(obstacle(&groups), "Still to come: experiment, project zip, definition, compute.");
        for (zip, state, label) in [
            (ZipState::Reading, CheckState::Pending, "Reading…"),
            (ZipState::TooLarge, CheckState::Bad, "The zip is too large"),
            (ZipState::Faulty, CheckState::Bad, "The zip cannot be handed in"),
        ] {
            let item = &Facts { zip, experiment: facts.experiment, known: Known::New, ..facts }.checks()[1]
                .findings[0]
                .item;
            assert_eq!((item.state, item.label.as_str()), (state, label));
        }
    }

    #[test]
    fn problems_are_counted_and_said_before_what_is_missing() {
        let groups = Given { definition: String::new(), experiment: "a b", ..given() }.groups();
        assert_eq!(summary(&groups), "1 problem.");
        assert_eq!(obstacle(&groups), "Solve the problems first: experiment.");
    }

    #[test]
    fn an_experiment_is_known_or_new() {
        let with = |known| Given { known, ..given() };
        assert_eq!(with(Known::New).findings(), []);
        assert_eq!(with(Known::Unasked).findings(), []);
        check(&with(Known::Archived), CheckState::Warning, "archived");
        check(&with(Known::OtherCase("E".to_owned())), CheckState::Warning, "There is E");
    }

    #[test]
    fn the_script_must_be_where_the_definition_says() {
        let with = |names: &[&str]| Given {
            files: names.iter().map(|name| File::new(name, b"1")).collect(),
            ..given()
        };
        check(&with(&["other.py"]), CheckState::Bad, "hello.py is not in the zip. At its root is other.py.");
        check(&with(&["Hello.py"]), CheckState::Bad, "written Hello.py");
        check(&with(&["a.csv", "src/hello.py"]), CheckState::Bad, "Write src/hello.py in the definition");
        let wrapped = with(&["project/hello.py", "project/data.csv"]).one();
        assert_eq!(wrapped.2, Some(Fix::Zip(ZipFix::TakeOut("project/".to_owned()))));
        let deep = with(&["a/b/hello.py", "a/b/c/d.csv"]).one();
        assert_eq!(deep.2, Some(Fix::Zip(ZipFix::TakeOut("a/b/".to_owned()))));
        check(&Given { files: vec![File::new("hello.py", b"")], ..given() }, CheckState::Warning, "is empty");
        check(&with_field("Script", "null"), CheckState::Bad, "No script is named");
        check(&with_field("Script", r#""src\\hello.py""#), CheckState::Bad, "write src/hello.py");
        let nested =
            Given { files: with(&["src/hello.py"]).files, ..with_field("Script", r#""src/hello.py""#) };
        assert_eq!(nested.findings(), [], "one folder around everything is no problem where it is meant");
    }

    #[test]
    fn a_script_that_python_does_not_run_is_warned_of() {
        let with = |script: &str, framework: &str| {
            let text = DEFINITION.replace("hello.py", script);
            let text = text.replace("\"Target\"", &format!("\"Framework\":\"{framework}\",\"Target\""));
            Given { definition: text, files: vec![File::new(script, b"1")], ..given() }
        };
        check(&with("train.ipynb", "Python"), CheckState::Warning, "nbconvert");
        check(&with("train.sh", "python"), CheckState::Warning, "does not end with .py");
        assert_eq!(with("train.sh", "PySpark").findings(), []);
        assert_eq!(with("TRAIN.PY", "Python").findings(), []);
    }

    #[test]
    fn one_folder_around_everything_is_said_while_there_is_no_definition() {
        let files = vec![File::new("project/src/a.py", b"1"), File::new("__MACOSX/project/._a.py", b"1")];
        let findings = Given { files, definition: String::new(), ..given() }.findings();
        let wrapping = findings.iter().find(|finding| finding.item.label.contains("in the folder project"));
        assert_eq!(wrapping.unwrap().fix, Some(Fix::Zip(ZipFix::TakeOut("project/".to_owned()))));
    }

    #[test]
    fn what_keeps_a_zip_from_being_unpacked_is_a_problem_with_names() {
        let file = File::new;
        check(&with_files(vec![file("../evil.py", b"1")]), CheckState::Bad, "../evil.py");
        check(&with_files(vec![File { flags: 1, ..file("a.csv", b"1") }]), CheckState::Bad, "a.csv");
        check(&with_files(vec![file("hello.py", b"2")]), CheckState::Bad, "more than once");
        let bomb = |size| {
            with_files(vec![File { method: 8, claimed: Some(size), ..file("zeros", &[0; 3_000_000]) }])
        };
        check(&bomb(3_000_000_000), CheckState::Warning, "unpacks to 3 GB");
        check(&bomb(4_000_000_000), CheckState::Bad, "unpacks to 4 GB");
        check(&with_files(vec![File { method: 14, ..file("a.csv", b"1") }]), CheckState::Warning, "unusual");
    }

    #[test]
    fn what_a_run_does_not_need_is_offered_to_be_left_out() {
        for (name, sort, words) in [
            (".env", Sort::Secret, "Whoever can read the run’s snapshot can read these. .env"),
            (".venv/lib/a.py", Sort::Ballast, ".venv: 1 file, 1 B"),
            ("__MACOSX/._hello.py", Sort::Added, "1 file that macOS or Windows added"),
        ] {
            let (state, text, fix) = with_files(vec![File::new(name, b"1")]).one();
            assert_eq!((state, fix), (CheckState::Warning, Some(Fix::Zip(ZipFix::LeaveOut(sort)))));
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn two_thousand_findings_are_one_with_the_first_few() {
        let files = (0..2_000).map(|index| File::new(&format!("keys/{index}.pem"), b"1")).collect();
        let findings = with_files(files).findings();
        let secrets = &findings[0].item;
        assert_eq!((secrets.names.len(), secrets.more.as_str()), (4, "and 1,996 more"));
        assert_eq!(findings[1].item.label, "2,001 files are many");
        assert!(findings[1].item.detail.contains("Most are in keys (2,000)."), "{}", findings[1].item.detail);
    }

    #[test]
    fn what_may_not_do_what_it_was_meant_to_is_warned_of() {
        check(&with_files(vec![File::new("data\\a.csv", b"1")]), CheckState::Warning, "data\\a.csv");
        check(&with_files(vec![File::new("Hello.py", b"1")]), CheckState::Warning, "another case");
        let link = File { made_by: 0x0314, attributes: 0o120_777 << 16, ..File::new("link", b"hello.py") };
        check(&with_files(vec![link]), CheckState::Warning, "1 link");
    }

    #[test]
    fn a_definition_that_cannot_be_read_offers_its_repair() {
        let error = RunDefinition::parse("{");
        let facts = Facts {
            experiment: &"e".into(),
            known: Known::New,
            zip: ZipState::Missing,
            definition: Some(&error),
            can_repair: true,
            computes: None,
            computes_failed: false,
        };
        assert_eq!(facts.checks()[2].findings[0].fix, Some(Fix::Definition));
        assert_eq!(Facts { can_repair: false, ..facts }.checks()[2].findings[0].fix, None);
    }

    #[test]
    fn a_time_limit_is_expected() {
        check(&with_field("MaxRunDurationSeconds", "null"), CheckState::Warning, "No time limit");
        check(&with_field("MaxRunDurationSeconds", "0"), CheckState::Warning, "0 seconds");
        check(&with_field("MaxRunDurationSeconds", "\"1h\""), CheckState::Bad, "\"1h\"");
        check(&with_field("MaxRunDurationSeconds", "-1"), CheckState::Bad, "-1");
    }

    #[test]
    fn words_that_the_service_does_not_know_are_warned_of() {
        assert_eq!(with_field("Framework", "\"pytorch\"").findings(), []);
        check(&with_field("Framework", "\"Keras\""), CheckState::Warning, "Known are Python, ");
        assert_eq!(with_field("Communicator", "\"MPI\"").findings(), []);
        check(
            &with_field("Communicator", "\"Horovod\""),
            CheckState::Warning,
            "\"Horovod\" is no communicator",
        );
        check(&with_field("Communicator", "1"), CheckState::Warning, "1 is no communicator");
        assert_eq!(with_field("Communicator", "null").findings(), []);
    }

    #[test]
    fn arguments_are_a_list_of_texts() {
        assert_eq!(with_field("Arguments", r#"["--epochs","10"]"#).findings(), []);
        check(
            &with_field("Arguments", r#"["--epochs",10]"#),
            CheckState::Warning,
            "The argument 10 is no text",
        );
        check(&with_field("Arguments", r#""--epochs 10""#), CheckState::Warning, "are a text, not a list");
    }

    #[test]
    fn conda_packages_are_a_list_under_a_lower_case_name() {
        let with = |conda: &str| {
            with_field("Environment", &format!(r#"{{"Python":{{"CondaDependencies":{conda}}}}}"#))
        };
        assert_eq!(with(r#"{"dependencies":["python=3.8",{"pip":["azureml-defaults"]}]}"#).findings(), []);
        check(&with(r#""conda.yml""#), CheckState::Warning, "is a text");
        check(&with(r#"{"Dependencies":[]}"#), CheckState::Warning, "Write “Dependencies” in lower case");
        check(&with("{}"), CheckState::Warning, "no list “dependencies”");
        check(&with(r#"{"dependencies":"numpy"}"#), CheckState::Warning, "is a text, not a list");
        check(&with(r#"{"dependencies":["a",{"pip":"numpy"}]}"#), CheckState::Warning, "neither a package");
        let own = r#"{"Python":{"UserManagedDependencies":true,"CondaDependencies":"x"}}"#;
        assert_eq!(with_field("Environment", own).findings(), []);
    }

    #[test]
    fn the_target_must_take_runs() {
        let with = |target: &str| with_field("Target", &format!("\"{target}\""));
        assert_eq!(with("CPU-Compute").findings(), []);
        check(&with("young"), CheckState::Warning, "not ready: Creating");
        check(&with("asleep"), CheckState::Warning, "is stopped");
        check(&with("broken"), CheckState::Bad, "No cores left.");
        check(&with("serving"), CheckState::Bad, "of the kind AKS");
        check(&with("local"), CheckState::Bad, "one’s own computer");
        check(
            &with("nowhere"),
            CheckState::Bad,
            "There is no compute nowhere. These take runs: cpu-compute.",
        );
        check(&with_field("Target", "null"), CheckState::Bad, "These take runs: cpu-compute.");
        let unasked = Given { computes: None, ..given() };
        assert_eq!(unasked.one().2, Some(Fix::Computes));
    }

    #[test]
    fn machines_are_as_many_as_the_compute_can_have() {
        let with = |count: &str| with_field("NodeCount", count);
        for fine in ["1", "6", "null"] {
            assert_eq!(with(fine).findings(), [], "{fine}");
        }
        check(&with("7"), CheckState::Bad, "7 machines wanted, cpu-compute has at most 6.");
        for wrong in ["0", "-1", "1.5", "\"2\"", "[2]"] {
            check(&with(wrong), CheckState::Bad, "is no number of machines");
        }
        let instance = Given { definition: with("2").definition.replace("cpu-compute", "asleep"), ..given() };
        assert!(
            instance
                .findings()
                .iter()
                .any(|finding| finding.item.label == "2 machines wanted, asleep has at most 1")
        );
        let unknown = Given { definition: with("2").definition.replace("cpu-compute", "young"), ..given() };
        assert_eq!(
            unknown.findings().len(),
            1,
            "a compute that is being made does not say how large it will be"
        );
    }

    #[test]
    fn numbers_are_written_in_groups() {
        let numbers = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "1,234,567"]);
    }
}

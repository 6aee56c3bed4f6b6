//! What a deployment does, worked out before it does anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::manifest::{CONFIG, Content, FormerFile, INDEX, Manifest, NAME, SiteFile, is_named_by_content};

/// What is in a container, by its path within the site.
pub type Blobs = BTreeMap<String, Blob>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blob {
    pub size: u64,
    pub content_type: Option<String>,
    pub cache_control: Option<String>,
    pub content_encoding: Option<String>,
}

/// What somebody wants of a deployment.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Files named by their content are uploaded compressed, where `dist` made such a file.
    pub encoding: Option<String>,
    /// The `config.json` of this deployment.
    pub config: Content,
    /// Whether it takes the place of one that is there.
    pub replace_config: bool,
    /// How long files of former releases stay.
    pub keep: Duration,
    pub now: OffsetDateTime,
}

/// In the order in which it is done.
#[derive(Debug)]
pub struct Plan {
    /// Named by their content: nothing asks for them yet.
    pub first: Vec<Upload>,
    /// All that is named by its content, there already or not: without it the page does not start.
    pub needed: Vec<Upload>,
    /// Those that keep their names, `config.json` and `index.html` last: from then on the site is the new one.
    pub then: Vec<Upload>,
    /// Paths that stay as they are, each with the reason.
    pub kept: Vec<(String, &'static str)>,
    pub removed: Vec<FormerFile>,
    /// `files.json` before anything else is uploaded: whatever is interrupted, a later deployment knows what was left.
    pub record_before: Option<Manifest>,
    /// `files.json` once the site is the new one.
    pub record_after: Manifest,
}

/// A file of the folder on its way into the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// What it is called there.
    pub path: String,
    /// What it is called here.
    pub from: String,
    pub content: Content,
    pub content_type: String,
    pub cache_control: String,
    pub content_encoding: Option<String>,
}

impl Plan {
    pub fn new(site: &Manifest, there: &Blobs, record: &Manifest, wishes: &Wishes) -> Result<Plan, String> {
        let (mut first, mut needed, mut then, mut kept) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for file in &site.files {
            let upload = Upload::of(file, wishes);
            let blob = there.get(&file.path);
            if is_named_by_content(&file.path) {
                match blob.is_some_and(|blob| upload.is(blob)) {
                    true => kept.push((file.path.clone(), "there already")),
                    false => first.push(upload.clone()),
                }
                needed.push(upload);
            } else if file.path == CONFIG && !wishes.replace_config && blob.is_some() {
                kept.push((file.path.clone(), "the deployed one stays; --config FILE replaces it"));
            } else {
                then.push(upload);
            }
        }
        first.sort_by_cached_key(|upload| (upload.content_type.clone(), upload.path.clone()));
        then.sort_by_cached_key(|upload| (upload.rank(), upload.content_type.clone(), upload.path.clone()));
        if !then.iter().any(|upload| upload.path == INDEX) {
            return Err(format!("{NAME} names no {INDEX}: this is no site."));
        }

        let now = wishes.now.format(&Rfc3339).expect("a time of this century can be written");
        let former = former_files(site, there, record, &now);
        let mut removed = Vec::new();
        for file in &former {
            let since = OffsetDateTime::parse(&file.since, &Rfc3339).map_err(|_| {
                format!("the deployed {NAME} says \"{}\" where a time should be.", file.since)
            })?;
            if since + wishes.keep <= wishes.now {
                removed.push(file.clone());
            }
        }
        Ok(Plan {
            record_before: record_before(record, site, &now),
            record_after: Manifest { files: site.files.clone(), former },
            first,
            needed,
            then,
            kept,
            removed,
        })
    }

    /// What the page needs and is not in the container as it should be: it did not arrive, or somebody removed it since.
    pub fn missing<'plan>(&'plan self, there: &Blobs) -> Vec<&'plan str> {
        let is_missing = |upload: &&Upload| !there.get(&upload.path).is_some_and(|blob| upload.is(blob));
        self.needed.iter().filter(is_missing).map(|upload| upload.path.as_str()).collect()
    }
}

/// Files of earlier deployments that this one does not have and that are still there.
fn former_files(site: &Manifest, there: &Blobs, record: &Manifest, now: &str) -> Vec<FormerFile> {
    let current: BTreeSet<&str> = site.files.iter().map(|file| file.path.as_str()).collect();
    let just_now =
        |path: &str| FormerFile { path: path.to_owned(), since: now.to_owned(), is_pending: false };
    let former = record.former.iter().map(|file| match file.is_pending {
        // Its deployment may have been interrupted after the page: then people had it until now.
        true => just_now(&file.path),
        false => file.clone(),
    });
    let files = former.chain(record.files.iter().map(|file| just_now(&file.path)));
    // A file that keeps its name is never removed: somebody else may have put it there.
    files
        .filter(|file| is_named_by_content(&file.path))
        .filter(|file| !current.contains(file.path.as_str()) && there.contains_key(&file.path))
        .collect()
}

/// Notes what is about to come, unless that is noted already.
fn record_before(record: &Manifest, site: &Manifest, now: &str) -> Option<Manifest> {
    let named: BTreeSet<&str> = record.files.iter().map(|file| file.path.as_str()).collect();
    let coming: BTreeSet<&str> = site
        .files
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| is_named_by_content(path) && !named.contains(path))
        .collect();
    let noted = record.former.iter().filter(|file| file.is_pending && coming.contains(file.path.as_str()));
    if noted.count() == coming.len() {
        return None;
    }
    let others = record.former.iter().filter(|file| !coming.contains(file.path.as_str())).cloned();
    let pending = coming.iter().map(|path| FormerFile {
        path: (*path).to_owned(),
        since: now.to_owned(),
        is_pending: true,
    });
    Some(Manifest { files: record.files.clone(), former: others.chain(pending).collect() })
}

impl Upload {
    fn of(file: &SiteFile, wishes: &Wishes) -> Upload {
        // A host that never asks who accepts what should hand out the page itself as everybody can read it.
        let compressed = file
            .compressed
            .iter()
            .find(|one| is_named_by_content(&file.path) && Some(&one.encoding) == wishes.encoding.as_ref());
        let mut upload = Upload::plain(file);
        if let Some(compressed) = compressed {
            upload.from = compressed.path.clone();
            upload.content = compressed.content.clone();
            upload.content_encoding = Some(compressed.encoding.clone());
        }
        if file.path == CONFIG {
            upload.content = wishes.config.clone();
        }
        upload
    }

    pub fn plain(file: &SiteFile) -> Upload {
        Upload {
            path: file.path.clone(),
            from: file.path.clone(),
            content: file.content.clone(),
            content_type: file.content_type.clone(),
            cache_control: file.cache_control.clone(),
            content_encoding: None,
        }
    }

    /// Whether it is there already, as far as a container tells. A name that comes from a content vouches for it.
    fn is(&self, blob: &Blob) -> bool {
        blob.size == self.content.size
            && blob.content_type.as_ref() == Some(&self.content_type)
            && blob.cache_control.as_ref() == Some(&self.cache_control)
            && blob.content_encoding == self.content_encoding
    }

    /// Pages come after what they name, and settings with the page that reads them.
    fn rank(&self) -> u8 {
        match self.path.as_str() {
            INDEX => 3,
            CONFIG => 2,
            path if path.ends_with(".html") => 1,
            _ => 0,
        }
    }

    /// Whether both can be uploaded by one command.
    pub fn is_like(&self, other: &Upload) -> bool {
        self.content_type == other.content_type
            && self.cache_control == other.cache_control
            && self.content_encoding == other.content_encoding
    }
}

impl Display for Plan {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for (path, reason) in &self.kept {
            writeln!(formatter, "keep    {path}  ({reason})")?;
        }
        if self.record_before.is_some() {
            writeln!(formatter, "upload  {NAME}  (what follows is noted, should it be interrupted)")?;
        }
        for upload in self.first.iter().chain(&self.then) {
            writeln!(formatter, "upload  {upload}")?;
        }
        writeln!(formatter, "upload  {NAME}  (what the site consists of from now on)")?;
        for file in &self.removed {
            writeln!(formatter, "remove  {}  (of no release since {})", file.path, file.since)?;
        }
        let waiting = self.record_after.former.len() - self.removed.len();
        if waiting > 0 {
            writeln!(formatter, "keep    {waiting} files of former releases, for tabs that are open")?;
        }
        Ok(())
    }
}

impl Display for Upload {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}  {} bytes, {}", self.path, self.content.size, self.content_type)?;
        if let Some(encoding) = &self.content_encoding {
            write!(formatter, ", {encoding}")?;
        }
        write!(formatter, ", {}", self.cache_control)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::manifest::Compressed;

    const A: &str = "azimuth-aaaaaaaaaaaaaaaa.wasm";
    const B: &str = "azimuth-bbbbbbbbbbbbbbbb.wasm";
    const DAY_ONE: OffsetDateTime = datetime!(2026-11-21 10:00 UTC);

    fn content(size: u64) -> Content {
        Content { size, sha256: "00".to_owned() }
    }

    /// A release of one hashed file, compressed beside it, and those that keep their names.
    fn release(hashed: &str) -> Manifest {
        let paths = ["auth.html", "auth.js", hashed, CONFIG, "favicon.svg", INDEX];
        let file = |path: &str| {
            let br =
                Compressed { encoding: "br".to_owned(), path: format!("{path}.br"), content: content(4) };
            SiteFile::new(path.to_owned(), content(10), vec![br])
        };
        Manifest { files: paths.into_iter().map(file).collect(), former: Vec::new() }
    }

    fn wishes(now: OffsetDateTime) -> Wishes {
        Wishes { encoding: None, config: content(99), replace_config: false, keep: Duration::days(7), now }
    }

    /// A container with all that somebody may deploy into, and its record.
    #[derive(Default)]
    struct Container {
        blobs: Blobs,
        record: Manifest,
    }

    impl Container {
        fn plan(&self, site: &Manifest, wishes: &Wishes) -> Plan {
            Plan::new(site, &self.blobs, &self.record, wishes).expect("it is a site")
        }

        fn put(&mut self, upload: &Upload) {
            let blob = Blob {
                size: upload.content.size,
                content_type: Some(upload.content_type.clone()),
                cache_control: Some(upload.cache_control.clone()),
                content_encoding: upload.content_encoding.clone(),
            };
            self.blobs.insert(upload.path.clone(), blob);
        }

        fn carry_out_until_the_page(&mut self, plan: &Plan) {
            if let Some(record) = &plan.record_before {
                self.record = record.clone();
            }
            plan.first.iter().for_each(|upload| self.put(upload));
        }

        fn deploy(&mut self, site: &Manifest, wishes: &Wishes) -> Plan {
            let plan = self.plan(site, wishes);
            self.carry_out_until_the_page(&plan);
            assert!(plan.missing(&self.blobs).is_empty());
            plan.then.iter().for_each(|upload| self.put(upload));
            self.record = plan.record_after.clone();
            for file in &plan.removed {
                self.blobs.remove(&file.path);
            }
            plan
        }
    }

    fn paths(uploads: &[Upload]) -> Vec<&str> {
        uploads.iter().map(|upload| upload.path.as_str()).collect()
    }

    fn removed(plan: &Plan) -> Vec<&str> {
        plan.removed.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn what_others_name_comes_first_and_the_page_last() {
        let plan = Container::default().plan(&release(A), &wishes(DAY_ONE));
        assert_eq!(paths(&plan.first), [A]);
        assert_eq!(paths(&plan.then), ["favicon.svg", "auth.js", "auth.html", CONFIG, INDEX]);
        assert!(plan.kept.is_empty() && plan.removed.is_empty());
    }

    #[test]
    fn what_is_there_as_it_should_be_is_not_uploaded_again() {
        let mut container = Container::default();
        container.deploy(&release(A), &wishes(DAY_ONE));
        assert!(container.plan(&release(A), &wishes(DAY_ONE)).first.is_empty());
        container.blobs.get_mut(A).expect("it was deployed").cache_control = None;
        assert_eq!(paths(&container.plan(&release(A), &wishes(DAY_ONE)).first), [A]);
    }

    #[test]
    fn the_deployed_settings_stay_unless_others_are_given() {
        let mut container = Container::default();
        container.deploy(&release(A), &wishes(DAY_ONE));
        let plan = container.plan(&release(B), &wishes(DAY_ONE));
        assert!(!paths(&plan.then).contains(&CONFIG) && plan.kept.iter().any(|(path, _)| path == CONFIG));
        let plan = container.plan(&release(B), &Wishes { replace_config: true, ..wishes(DAY_ONE) });
        let upload = plan.then.iter().find(|upload| upload.path == CONFIG).expect("it is replaced");
        assert_eq!(upload.content.size, 99);
    }

    #[test]
    fn former_files_go_after_their_days_and_not_before() {
        let mut container = Container::default();
        container.deploy(&release(A), &wishes(DAY_ONE));
        assert_eq!(removed(&container.deploy(&release(B), &wishes(DAY_ONE))), [""; 0]);
        let almost = DAY_ONE + Duration::days(7) - Duration::SECOND;
        assert_eq!(removed(&container.deploy(&release(B), &wishes(almost))), [""; 0]);
        assert_eq!(removed(&container.deploy(&release(B), &wishes(DAY_ONE + Duration::days(7)))), [A]);
        assert!(!container.blobs.contains_key(A));
        let plan = container.deploy(&release(B), &wishes(DAY_ONE + Duration::days(8)));
        assert!(plan.removed.is_empty() && plan.record_after.former.is_empty());
    }

    #[test]
    fn a_release_that_comes_back_keeps_its_files() {
        let mut container = Container::default();
        container.deploy(&release(A), &wishes(DAY_ONE));
        container.deploy(&release(B), &wishes(DAY_ONE));
        container.deploy(&release(A), &wishes(DAY_ONE + Duration::DAY));
        let plan = container.plan(&release(A), &wishes(DAY_ONE + Duration::days(7)));
        assert!(plan.removed.is_empty(), "the other one was left a day later");
        let plan = container.plan(&release(A), &wishes(DAY_ONE + Duration::days(8)));
        assert_eq!(removed(&plan), [B]);
    }

    #[test]
    fn files_of_a_deployment_that_was_interrupted_stay_as_long_as_those_of_one_that_was_not() {
        let mut container = Container::default();
        container.deploy(&release(A), &wishes(DAY_ONE));
        let interrupted = container.plan(&release(B), &wishes(DAY_ONE));
        container.carry_out_until_the_page(&interrupted);
        let c = "azimuth-cccccccccccccccc.wasm";
        let plan = container.deploy(&release(c), &wishes(DAY_ONE + Duration::days(30)));
        assert!(plan.removed.is_empty(), "until now people had the first release, or the second");
        let almost = DAY_ONE + Duration::days(37) - Duration::SECOND;
        assert!(container.plan(&release(c), &wishes(almost)).removed.is_empty());
        assert_eq!(removed(&container.plan(&release(c), &wishes(DAY_ONE + Duration::days(37)))), [B, A]);
    }

    #[test]
    fn a_release_that_came_back_and_was_interrupted_is_no_former_one() {
        let mut container = Container::default();
        container.deploy(&release(A), &wishes(DAY_ONE));
        container.deploy(&release(B), &wishes(DAY_ONE));
        let interrupted = container.plan(&release(A), &wishes(DAY_ONE + Duration::DAY));
        assert!(interrupted.first.is_empty(), "all of it is there");
        container.carry_out_until_the_page(&interrupted);
        let c = "azimuth-cccccccccccccccc.wasm";
        let plan = container.deploy(&release(c), &wishes(DAY_ONE + Duration::days(30)));
        assert!(plan.removed.is_empty(), "people may have had it until now");
    }

    #[test]
    fn what_is_about_to_come_is_noted_once() {
        let mut container = Container::default();
        let interrupted = container.plan(&release(A), &wishes(DAY_ONE));
        container.carry_out_until_the_page(&interrupted);
        assert_eq!(container.plan(&release(A), &wishes(DAY_ONE + Duration::DAY)).record_before, None);
        container.deploy(&release(A), &wishes(DAY_ONE + Duration::DAY));
        assert_eq!(container.plan(&release(A), &wishes(DAY_ONE + Duration::DAY)).record_before, None);
        assert!(container.record.former.is_empty());
    }

    #[test]
    fn what_no_manifest_of_ours_named_is_left_alone() {
        let mut container = Container::default();
        for path in ["other-dddddddddddddddd.js", "notes.txt"] {
            container.blobs.insert(path.to_owned(), Blob::default());
        }
        let mut site = release(A);
        site.files.push(SiteFile::new("old.txt".to_owned(), content(1), Vec::new()));
        container.deploy(&site, &wishes(DAY_ONE));
        container.deploy(&release(B), &wishes(DAY_ONE));
        let plan = container.plan(&release(B), &wishes(DAY_ONE + Duration::days(300)));
        assert_eq!(removed(&plan), [A], "and what keeps its name stays too");
    }

    #[test]
    fn what_is_named_by_its_content_is_uploaded_compressed_where_that_is_asked_for() {
        let mut container = Container::default();
        container.deploy(&release(A), &wishes(DAY_ONE));
        let encoded = Wishes { encoding: Some("br".to_owned()), ..wishes(DAY_ONE) };
        let plan = container.deploy(&release(A), &encoded);
        assert_eq!(plan.first.len(), 1, "the one that is there is not compressed");
        assert_eq!((plan.first[0].from.as_str(), plan.first[0].content.size), (&*format!("{A}.br"), 4));
        assert_eq!(plan.first[0].content_encoding.as_deref(), Some("br"));
        assert!(
            plan.then.iter().all(|upload| upload.content_encoding.is_none() && upload.from == upload.path)
        );
        assert!(container.plan(&release(A), &encoded).first.is_empty());
    }

    #[test]
    fn what_did_not_arrive_is_told() {
        let mut container = Container::default();
        let plan = container.plan(&release(A), &wishes(DAY_ONE));
        assert_eq!(plan.missing(&container.blobs), [A]);
        container.carry_out_until_the_page(&plan);
        container.blobs.get_mut(A).expect("it was uploaded").size = 9;
        assert_eq!(plan.missing(&container.blobs), [A]);
    }

    #[test]
    fn what_was_there_and_is_no_more_is_told() {
        let mut container = Container::default();
        container.deploy(&release(A), &wishes(DAY_ONE));
        let plan = container.plan(&release(A), &wishes(DAY_ONE));
        assert!(plan.first.is_empty() && plan.missing(&container.blobs).is_empty());
        container.blobs.remove(A);
        assert_eq!(plan.missing(&container.blobs), [A]);
    }

    #[test]
    fn a_record_without_a_time_is_refused() {
        let mut container = Container::default();
        container.deploy(&release(A), &wishes(DAY_ONE));
        container.record.former =
            vec![FormerFile { path: A.to_owned(), since: "yesterday".to_owned(), is_pending: false }];
        assert!(Plan::new(&release(B), &container.blobs, &container.record, &wishes(DAY_ONE)).is_err());
    }

    #[test]
    fn a_folder_without_a_page_is_no_site() {
        let site = Manifest::default();
        assert!(Plan::new(&site, &Blobs::new(), &Manifest::default(), &wishes(DAY_ONE)).is_err());
    }
}

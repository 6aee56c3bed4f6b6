//! Saving files of a run on this computer, with how far it has come and a way to stop.

use futures::future::{AbortHandle, LocalBoxFuture, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::icon::{Icon, IconName};
use crate::components::progress::ProgressBar;
use crate::files::download::{Amount, DownloadError};
use crate::navigation::Navigation;

/// A download that is under way, or over. A handle.
#[derive(Clone, Copy)]
pub struct Download {
    amount: RwSignal<Amount>,
    /// How many files are done, of how many, where there are several.
    files: RwSignal<(usize, usize)>,
    task: RwSignal<Option<StoredValue<AbortHandle>>>,
    error: RwSignal<Option<DownloadError>>,
}

impl Download {
    /// None yet. One that is under way ends with its page.
    pub fn new() -> Self {
        let download = Self {
            amount: RwSignal::new(Amount::default()),
            files: RwSignal::new((0, 0)),
            task: RwSignal::new(None),
            error: RwSignal::new(None),
        };
        on_cleanup(move || download.stop());
        let is_under_way = Signal::derive(move || download.is_under_way());
        expect_context::<Navigation>().cannot_keep("download that is under way", is_under_way);
        download
    }

    /// Whether one is under way.
    pub fn is_under_way(self) -> bool {
        self.task.with(Option::is_some)
    }

    /// Why the last one did not work.
    pub fn error(self) -> Signal<Option<DownloadError>> {
        self.error.into()
    }

    /// How far it has come, for what does the work.
    pub fn amount(self) -> RwSignal<Amount> {
        self.amount
    }

    /// How many files are done, of how many.
    pub fn files(self) -> RwSignal<(usize, usize)> {
        self.files
    }

    /// Begins, unless one is under way.
    pub fn begin(self, work: LocalBoxFuture<'static, Result<(), DownloadError>>) {
        if self.task.with_untracked(Option::is_some) {
            return;
        }
        self.error.set(None);
        self.amount.set(Amount::default());
        let (work, handle) = abortable(work);
        self.task.set(Some(StoredValue::new(handle)));
        spawn_local(async move {
            let outcome = work.await;
            if let Ok(Err(error)) = outcome {
                self.error.try_set(Some(error));
            }
            self.task.try_set(None);
        });
    }

    fn stop(self) {
        if let Some(handle) = self.task.try_get_untracked().flatten() {
            let _ = handle.try_with_value(AbortHandle::abort);
        }
    }
}

/// A button that begins a download; while it is under way, how far it is and a button that stops it.
#[component]
pub fn DownloadButton(
    #[prop(into)] label: Signal<String>,
    download: Download,
    #[prop(into)] on_press: Callback<()>,
) -> impl IntoView {
    let words = Signal::derive(move || {
        let (done, of) = download.files.get();
        if of > 0 { format!("File {} of {of}", (done + 1).min(of)) } else { "Downloading".to_owned() }
    });
    move || {
        if download.is_under_way() {
            view! {
                <div class="download">
                    <ProgressBar
                        label=words
                        done=Signal::derive(move || download.amount.get().done)
                        total=Signal::derive(move || download.amount.get().total)
                    />
                    <button type="button" class="button small" on:click=move |_| download.stop()>"Cancel"</button>
                </div>
            }
            .into_any()
        } else {
            view! {
                <button type="button" class="button small" on:click=move |_| on_press.run(())>
                    <Icon name=IconName::Download/>
                    {label}
                </button>
            }
            .into_any()
        }
    }
}

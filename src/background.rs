//! Work that goes on whichever page is shown: a line above the others tells of it.

use leptos::prelude::*;

use crate::client::Client;
use crate::components::icon::{Icon, IconName};
use crate::navigation::Navigation;
use crate::route::Location;

/// All such work that this page knows of. A handle for the whole app.
#[derive(Clone, Copy)]
pub struct Background {
    works: RwSignal<Vec<Work>>,
    /// Pages come and go; what is told of their work stays.
    owner: StoredValue<Option<Owner>>,
}

/// Work of a page.
#[derive(Clone)]
struct Work {
    id: usize,
    page: Location,
    title: String,
    told: Signal<Told>,
    /// Of what `told` is made of.
    owner: Owner,
}

/// How work is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub stage: Stage,
    /// What there is to say, without a full stop.
    pub words: String,
    /// How far it is; changes often, and is not read out.
    pub amount: String,
}

/// Whether somebody wants to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// There is none, or none of this page.
    #[default]
    None,
    /// It goes on by itself.
    Going,
    /// It does not go on, or not now.
    Held,
    /// It came to its end.
    Over,
}

impl Background {
    /// None yet.
    pub fn start() -> Self {
        Self { works: RwSignal::new(Vec::new()), owner: StoredValue::new(Owner::current()) }
    }

    /// Whether there may be something to tell of.
    pub fn is_needed(self) -> bool {
        self.works.with(|works| !works.is_empty())
    }

    /// Tells of the work of a page from now on, in the place of what was told of it before: its title, such as "Export
    /// of forecasting", and how it is. What `told` makes lives longer than the page that asks for it.
    pub fn tell_of(self, page: Location, title: String, told: impl FnOnce() -> Signal<Told>) {
        let owner = self.owner.get_value().unwrap_or_default().child();
        let told = owner.with(told);
        self.works.update(|works| {
            let id = works.iter().map(|work| work.id + 1).max().unwrap_or_default();
            works.retain(|work| work.page != page);
            works.push(Work { id, page, title, told, owner });
        });
    }
}

/// A line for each work of this session that its own page does not show just now.
#[component]
pub fn BackgroundLines() -> impl IntoView {
    let works = expect_context::<Background>().works;
    let session = expect_context::<Client>().session().kind();
    let mine = move || {
        works.with(|works| {
            works.iter().filter(|work| work.page.session == session).cloned().collect::<Vec<_>>()
        })
    };

    view! { <For each=mine key=|work| work.id let(work)><BackgroundLine work=work/></For> }
}

#[component]
fn BackgroundLine(work: Work) -> impl IntoView {
    let Work { page, title, told, owner, .. } = work;
    // Another may take its place before this line is gone.
    on_cleanup(move || drop(owner));
    let location = expect_context::<Navigation>().location();
    let href = page.href();
    let is_here = Memo::new(move |_| {
        location.with(|location| {
            location.route == page.route && location.parameter("tab") == page.parameter("tab")
        })
    });
    let told = Memo::new(move |_| told.get());
    let stage = Memo::new(move |_| told.with(|told| told.stage));
    // What was over before this page came is told by its own page alone, and what was seen there is no news.
    let is_news = RwSignal::new(false);
    Effect::new(move || match (stage.get(), is_here.get()) {
        (Stage::Going | Stage::Held, _) => is_news.set(true),
        (Stage::None, _) | (Stage::Over, true) => is_news.set(false),
        (Stage::Over, false) => {}
    });
    let is_shown = Memo::new(move |_| is_news.get() && !is_here.get());
    let icon = move || match stage.get() {
        Stage::Held => IconName::Warning,
        Stage::Over => IconName::Check,
        _ => IconName::Clock,
    };

    view! {
        <Show when=move || is_shown.get()>
            <p class="strip" class:warning=move || stage.get() == Stage::Held>
                {move || view! { <Icon name=icon()/> }}
                <span>
                    <a href=href.clone()><bdi>{title.clone()}</bdi></a>
                    ": "
                    {move || told.with(|told| told.words.clone())}
                    // Read out once, and not with every step.
                    <span class="number" aria-hidden="true">{move || told.with(|told| told.amount.clone())}</span>
                </span>
                <Show when=move || stage.get() == Stage::Over>
                    <button type="button" class="button quiet small bare push" aria-label="Dismiss" on:click=move |_| is_news.set(false)>
                        <Icon name=IconName::Cross/>
                    </button>
                </Show>
            </p>
        </Show>
    }
}

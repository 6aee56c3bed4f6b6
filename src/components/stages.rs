//! The way of a run through its stages.

use leptos::prelude::*;

use crate::components::icon::{Icon, IconName};

/// Where a stage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageState {
    Passed,
    Current,
    Ahead,
    Failed,
    /// It ended here, because somebody said so.
    Stopped,
}

/// One stage: both words for it, when it began and how long it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    pub plain: String,
    /// The service's word.
    pub word: String,
    pub state: StageState,
    pub time: Option<String>,
    pub duration: Option<String>,
}

/// All stages in their order; the current one is marked.
#[component]
pub fn Stages(#[prop(into)] stages: Signal<Vec<Stage>>) -> impl IntoView {
    let items = move || {
        stages
            .get()
            .into_iter()
            .map(|stage| {
                let (class, icon, state) = match stage.state {
                    StageState::Passed => ("passed", IconName::Check, "passed"),
                    StageState::Current => ("current", IconName::Dot, "now"),
                    StageState::Ahead => ("ahead", IconName::Circle, "not reached"),
                    StageState::Failed => ("failed", IconName::Cross, "ended here"),
                    StageState::Stopped => ("stopped", IconName::Square, "stopped here"),
                };
                let when: Vec<String> = [stage.time, stage.duration].into_iter().flatten().collect();
                view! {
                    <li class=class aria-current=(stage.state == StageState::Current).then_some("step")>
                        <Icon name=icon/>
                        <span class="plain">
                            {stage.plain}
                            <span class="visually-hidden">", "{state}</span>
                        </span>
                        <span class="word">{stage.word}</span>
                        {(!when.is_empty()).then(|| view! { <span class="when">{when.join(" · ")}</span> })}
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };

    view! { <ol class="stages" aria-label="Stages">{items}</ol> }
}

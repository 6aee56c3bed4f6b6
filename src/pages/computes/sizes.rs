//! The sizes of machines of a region, to choose one from.

use azimuth_api::{Usage, VmSize, WorkspaceId};
use leptos::prelude::*;

use crate::components::element_id::element_id;
use crate::components::format::decimal;
use crate::components::sort::{SortColumn, SortKey, Sorting, arranged};
use crate::components::table::{Direction, TableFrame};
use crate::listed::{filter_count, matches};

/// All sizes, with what the quota leaves of each.
#[component]
pub fn SizeTable(
    #[prop(into)] sizes: Signal<Vec<VmSize>>,
    /// Empty where they are not known.
    #[prop(into)]
    usages: Signal<Vec<Usage>>,
    workspace: WorkspaceId,
    #[prop(into)] is_low_priority: Signal<bool>,
    /// The name of the chosen one.
    chosen: RwSignal<String>,
) -> impl IntoView {
    let filter = RwSignal::new(String::new());
    let order = RwSignal::new(String::new());
    let sorting = Sorting::new(order.into(), "cores", Callback::new(move |text| order.set(text)));
    let rows = Memo::new(move |_| {
        sizes.with(|sizes| {
            let shown = sizes.iter().filter(|size| filter.with(|filter| fits(size, filter)));
            arranged(shown, &sorting.get(), sort_key)
        })
    });
    let count = move || filter_count(rows.with(Vec::len), sizes.with(Vec::len));
    let group = element_id("size");
    let field = element_id("filter");
    let row = move |size: VmSize| {
        let VmSize { name, processors, gpus, memory_gigabytes, low_priority_capable, .. } = size.clone();
        let gpus = gpus.filter(|count| *count > 0);
        let (own, value) = (name.clone(), name.clone());
        let is_chosen = move || chosen.with(|chosen| chosen.eq_ignore_ascii_case(&own));
        let workspace = workspace.clone();
        let left = move || {
            if is_low_priority.get() && !low_priority_capable {
                return "Not at low priority".to_owned();
            }
            let left = usages.with(|usages| cores_left(&size, usages, &workspace, is_low_priority.get()));
            left.map_or_else(String::new, |left| left_in_words(left, processors))
        };
        view! {
            <tr>
                <th scope="row" class="lead fills">
                    <label class="choice">
                        <input
                            type="radio"
                            name=group.clone()
                            prop:checked=is_chosen
                            on:change=move |_| chosen.set(value.clone())
                        />
                        <bdi>{name}</bdi>
                    </label>
                </th>
                <td class="number" data-label="Cores">{processors}</td>
                <td class="number" data-label=gpus.map(|_| "GPUs")>{gpus}</td>
                <td class="number" data-label="Memory">{decimal(memory_gigabytes)}" GB"</td>
                <td class="meta">{left}</td>
            </tr>
        }
    };

    view! {
        <div class="stack tight size-table">
            <div class="cluster">
                <label for=field.clone() class="visually-hidden">"Filter sizes"</label>
                <input
                    id=field
                    class="input"
                    type="search"
                    placeholder="Filter sizes: 8, GPU, NC…"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=filter
                    on:input:target=move |event| filter.set(event.target().value())
                />
                <span class="muted small" role="status">{count}</span>
                {move || (!chosen.with(String::is_empty)).then(|| view! { <span class="push">"Chosen: "<bdi>{chosen}</bdi></span> })}
            </div>
            <TableFrame caption="Sizes of machines">
                <table class="table stacks">
                    <thead>
                        <tr>
                            <SortColumn sorting=sorting column="name" label="Size"/>
                            <SortColumn sorting=sorting column="cores" label="Cores" number=true/>
                            <SortColumn sorting=sorting column="gpus" label="GPUs" first=Direction::Descending number=true/>
                            <SortColumn sorting=sorting column="memory" label="Memory" number=true/>
                            <th scope="col">"Quota leaves"</th>
                        </tr>
                    </thead>
                    <tbody><For each=move || rows.get() key=|size| size.name.clone() children=row/></tbody>
                </table>
            </TableFrame>
        </div>
    }
}

fn fits(size: &VmSize, filter: &str) -> bool {
    let cores = format!("{} cores", size.processors);
    let memory = format!("{} GB", decimal(size.memory_gigabytes));
    let gpus = size.gpus.filter(|count| *count > 0).map(|count| format!("{count} gpu")).unwrap_or_default();
    matches(filter, [size.name.as_str(), &size.family, &cores, &memory, &gpus])
}

fn sort_key(size: &VmSize, column: &str) -> SortKey {
    match column {
        "name" => SortKey::text(&size.name),
        "cores" => SortKey::Number(size.processors.into()),
        "gpus" => SortKey::number(size.gpus.filter(|count| *count > 0)),
        "memory" => SortKey::Number(size.memory_gigabytes),
        _ => SortKey::Missing,
    }
}

/// How many cores of machines of a size may be had still: the least of what is left to the subscription and to the
/// workspace. None where there is no limit, or none is known.
pub fn cores_left(
    size: &VmSize,
    usages: &[Usage],
    workspace: &WorkspaceId,
    is_low_priority: bool,
) -> Option<u64> {
    let is_here = |usage: &&Usage| {
        usage.workspace().is_none_or(|of| {
            of.segments().iter().zip(workspace.segments()).all(|(one, other)| one.eq_ignore_ascii_case(other))
        })
    };
    let counted = usages.iter().filter(|usage| usage.counts(size, is_low_priority));
    counted.filter(is_here).filter_map(Usage::left).min()
}

/// "12 cores, 3 machines".
fn left_in_words(cores: u64, of_each: u32) -> String {
    let machines = cores / u64::from(of_each.max(1));
    let plural = |count: u64| if count == 1 { "" } else { "s" };
    format!("{cores} core{}, {machines} machine{}", plural(cores), plural(machines))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size() -> VmSize {
        serde_json::from_str(
            r#"{"name":"Standard_NC6","family":"standardNCFamily","vCPUs":6,"gpus":1,"memoryGB":56}"#,
        )
        .unwrap()
    }

    fn workspace() -> WorkspaceId {
        WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "W".into() }
    }

    fn usage(scope: &str, used: i64, limit: i64) -> Usage {
        serde_json::from_str(&format!(
            r#"{{"id":"{scope}/usages/standardNCFamily","name":{{"value":"standardNCFamily"}},"currentValue":{used},"limit":{limit}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn the_least_of_the_limits_that_count_here_is_what_is_left() {
        let of_workspace = |name: &str| {
            format!(
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/{name}"
            )
        };
        let usages = [
            usage("/subscriptions/s", 24, 48),
            usage(&of_workspace("w"), 24, 36),
            usage(&of_workspace("other"), 9, 10),
        ];
        assert_eq!(cores_left(&size(), &usages, &workspace(), false), Some(12));
        assert_eq!(cores_left(&size(), &usages, &workspace(), true), None);
        assert_eq!(cores_left(&size(), &[usage("/subscriptions/s", 24, -1)], &workspace(), false), None);
        assert_eq!(left_in_words(12, 6), "12 cores, 2 machines");
        assert_eq!(left_in_words(7, 6), "7 cores, 1 machine");
    }

    #[test]
    fn sizes_are_found_by_what_they_have() {
        for filter in ["nc6", "gpu", "6 cores", "56 gb"] {
            assert!(fits(&size(), filter), "{filter}");
        }
        assert!(!fits(&size(), "8 cores"));
    }
}

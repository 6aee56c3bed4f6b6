//! A list as a page shows it: a box to filter it, an order, a table, how fresh it is, and the way to more of it.

use leptos::prelude::*;

use crate::components::rows::Growing;
use crate::components::sort::{SortKey, Sorting, arranged};
use crate::listed::{FilteredList, address_filter, address_sorting};
use crate::load::{Freshness, ListFooter, Load};
use crate::navigation::Navigation;
use crate::query::{ListQuery, Listed, Loaded, Query};

/// The list of a page. Filter and order are in the address.
#[component]
pub fn Listing<T: Listed>(
    list: ListQuery<T>,
    /// What it holds, in the plural: "workspaces".
    noun: &'static str,
    /// The order where the address names none: `name`, or `-when` for the largest first.
    usual: &'static str,
    /// Whether an item fits a filter.
    fits: fn(&T, &str) -> bool,
    /// What an item is sorted by in a column.
    sort_key: fn(&T, &str) -> SortKey,
    /// Makes one row of several items, of which it keeps one.
    #[prop(optional)]
    group: Option<fn(Vec<T>) -> Vec<T>>,
    /// Whether it asks again by itself, and so can be paused.
    #[prop(optional, into)]
    refreshes: Signal<bool>,
    /// What stands in place of a list without items.
    #[prop(into)]
    empty: ViewFn,
    /// The table of what fits, in order.
    table: impl Fn(Memo<Vec<T>>, Sorting) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let (filter, change_filter) = address_filter(navigation);
    let sorting = address_sorting(navigation, usual);
    let query = list.query();
    // Behind a filter nobody knows whether the next page has anything to show, so it is asked for by hand.
    provide_context(Growing {
        more: Callback::new(move |()| {
            if filter.with_untracked(|filter| filter.trim().is_empty()) {
                list.more_by_itself();
            }
        }),
        has_more: Signal::derive(move || query.with(|loaded| loaded.is_some_and(Loaded::has_more))),
        arrangement: Signal::derive(move || format!("{} {}", sorting.get().text(), filter.get())),
        arrived: RwSignal::new(0),
    });

    view! {
        <Load query=query what=format!("the {noun}") rows=6 let:loaded>
            {
                let shown = Memo::new(move |_| loaded.with(|loaded| {
                    let filter = filter.get();
                    let fitting = loaded.items().filter(|item| fits(item, &filter));
                    match group {
                        Some(group) => {
                            let rows = group(fitting.cloned().collect());
                            arranged(rows.iter(), &sorting.get(), sort_key)
                        }
                        None => arranged(fitting, &sorting.get(), sort_key),
                    }
                }));
                let all = Memo::new(move |_| loaded.with(|loaded| match group {
                    Some(group) => group(loaded.items().cloned().collect()).len(),
                    None => loaded.len(),
                }));
                let table = table.clone();
                let parts = Parts {
                    query: query.progress(),
                    noun,
                    refreshes,
                    filter,
                    change_filter,
                    shown: Signal::derive(move || shown.with(Vec::len)),
                    all: all.into(),
                    empty: empty.clone(),
                    table: ViewFn::from(move || table(shown, sorting)),
                    footer: ViewFn::from(move || view! { <ListFooter list=list noun=noun/> }),
                };
                parts.view()
            }
        </Load>
    }
}

/// What does not depend on the type of the items.
struct Parts {
    query: Query<()>,
    noun: &'static str,
    refreshes: Signal<bool>,
    filter: Signal<String>,
    change_filter: Callback<String>,
    shown: Signal<usize>,
    all: Signal<usize>,
    empty: ViewFn,
    table: ViewFn,
    footer: ViewFn,
}

impl Parts {
    fn view(self) -> AnyView {
        let Self { query, noun, refreshes, filter, change_filter, shown, all, empty, table, footer } = self;
        let has_any = Memo::new(move |_| all.get() != 0);
        let (table, footer) = (StoredValue::new(table), StoredValue::new(footer));

        view! {
            <Show when=move || has_any.get() fallback=move || empty.run()>
                <FilteredList
                    filter=filter
                    on_filter=change_filter
                    shown=shown
                    all=all
                    noun=noun
                    beside=move || view! { <Freshness query=query pausable=refreshes/> }
                >
                    {table.with_value(ViewFn::run)}
                </FilteredList>
                {footer.with_value(ViewFn::run)}
            </Show>
        }
        .into_any()
    }
}

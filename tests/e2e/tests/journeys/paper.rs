//! The page on paper.

use azimuth_e2e::{Stage, journey};

use crate::tour::BAKERY;

#[test]
fn a_printed_list_has_its_address_and_every_row_and_nothing_to_press() {
    journey(Stage::demo(), async |page| {
        // Too low for the list, which scrolls on the screen.
        page.set_viewport(1000, 420).await;
        let address = BAKERY.address("experiments/loaves-per-day").replacen("#/", "#/demo/", 1);
        page.open(&address).await;
        page.within("region", "Runs").expect_text("golden_crust_1").await;
        page.expect_text("Submit a run").await;
        page.show_as_printed().await;
        page.expect_text(&format!("{}{address} · ", page.site())).await;
        page.expect_text("golden_crust_1").await;
        for gone in ["Submit a run", "Sign out", "Overview", "Skip to content"] {
            page.expect_no_text(gone).await;
        }
        let cut = "const { scrollHeight, clientHeight } = document.querySelector('main .table-frame'); \
            return scrollHeight - clientHeight;";
        assert_eq!(page.evaluate(cut).await, 0);
    });
}

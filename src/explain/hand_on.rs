//! What somebody else has to do, as a text that they can act on without asking back.

use azimuth_api::{Cloud, MANAGEMENT_APPLICATION, Refusal, USER_IMPERSONATION};

use crate::app_registration::AppRegistration;

/// What somebody else can do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Give a role: an owner.
    GiveAccess,
    /// Make `config.json` right: whoever runs this page. The others are for an administrator of the directory.
    CorrectSettings,
    /// Register the redirect address, as that of a single-page application.
    RegisterAddress,
    /// Consent for everybody.
    Consent,
    /// Bring the application into the tenant.
    AddApplication,
    /// Bring Azure Resource Manager into the tenant.
    AddService,
    /// Switch the application on.
    EnableApplication,
    /// Make a new client secret.
    RenewSecret,
    /// Invite somebody as a guest.
    InviteGuest,
    /// Assign somebody to the application.
    AssignPerson,
    /// Switch an account on.
    EnableAccount,
    /// Find the rule that stops the sign-in.
    FindRule,
    /// Let people of one tenant into another.
    OpenTenants,
}

/// A task, and the refusal that calls for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOn {
    /// What is to be done.
    pub task: Task,
    /// Why, in plain words.
    pub means: String,
    /// What the service said. Only names and ids of it come into the text: what was pasted may hold anything.
    pub refusal: Refusal,
}

impl HandOn {
    /// What stands on the button that copies the text.
    pub fn label(&self) -> &'static str {
        match self.task {
            Task::GiveAccess => "Copy a text for the owner",
            Task::CorrectSettings => "Copy a text for whoever runs this page",
            _ => "Copy a text for the administrator",
        }
    }

    /// The text; nothing where too little is known to act on.
    pub fn text(&self, registration: &AppRegistration) -> Option<String> {
        let refusal = &self.refusal;
        if self.task == Task::GiveAccess {
            return for_the_owner(refusal);
        }
        let named = refusal.named_application();
        let is_ours = named.is_none_or(|named| registration.client_id.as_deref() == Some(named));
        // Of another application nothing is known but what the authority says.
        let other = AppRegistration {
            cloud: registration.cloud.clone(),
            client_id: named.map(str::to_owned),
            ..AppRegistration::default()
        };
        let registration = if is_ours { registration } else { &other };
        if self.task == Task::CorrectSettings && registration.client_id.is_none() {
            return None;
        }
        let address = refusal
            .named_redirect_address()
            .map(str::to_owned)
            .or_else(|| registration.redirect_address.clone());
        let scope = registration.cloud.scope();
        let service = format!(
            "Azure Service Management, user_impersonation (delegated; application {MANAGEMENT_APPLICATION})"
        );
        let facts = [
            ("Application (client) id", registration.client_id.clone()),
            ("Tenant", registration.tenant.clone()),
            ("Redirect address", address.clone()),
            ("Permission", is_ours.then_some(service)),
            ("Scope", is_ours.then_some(scope)),
            ("Correlation id", refusal.request_id.clone()),
            ("Time", refusal.time.clone()),
        ];
        let who = match self.task {
            Task::CorrectSettings => "whoever runs the page",
            _ => "an administrator",
        };
        let code = refusal.exact_code().map_or(String::new(), |code| format!(" ({code})"));
        let what = if is_ours { " to Azimuth, a dashboard for Azure Machine Learning," } else { "" };
        let mut lines = vec![
            format!("Signing in{what} did not work, and it takes {who} to change that."),
            String::new(),
            format!("What happened: {}{code}", self.means),
        ];
        lines.extend(facts.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value?))));
        let steps = steps(self.task, &Names::of(registration, address.as_deref()));
        lines.extend([String::new(), format!("What to do: {}", steps.goal)]);
        lines.extend(steps.by_hand.iter().enumerate().map(|(index, step)| format!("{}. {step}", index + 1)));
        if !steps.commands.is_empty() {
            lines.extend([String::new(), "Or with the Azure CLI, in bash:".to_owned()]);
            lines.extend(sign_in_commands(registration));
            lines.extend(steps.commands);
        }
        Some(lines.join("\n") + "\n")
    }
}

/// How steps name things; what is not known stands in angle brackets.
struct Names<'a> {
    /// Where applications and accounts are looked after.
    portal: &'static str,
    /// The sign-in of the cloud.
    login: String,
    client: &'a str,
    tenant: &'a str,
    address: &'a str,
    cloud: &'static str,
}

impl<'a> Names<'a> {
    fn of(registration: &'a AppRegistration, address: Option<&'a str>) -> Self {
        let (portal, cloud) = match registration.cloud {
            Cloud::Public => ("https://entra.microsoft.com", "public"),
            Cloud::UsGov => ("https://portal.azure.us", "usgov"),
            Cloud::China => ("https://portal.azure.cn", "china"),
            Cloud::Local(_) => ("https://entra.microsoft.com", "an object of origins"),
        };
        Self {
            portal,
            login: registration.cloud.login().to_string(),
            client: registration.client_id.as_deref().unwrap_or("<client id>"),
            tenant: registration.tenant.as_deref().unwrap_or("<tenant>"),
            address: address.unwrap_or("<redirect address>"),
            cloud,
        }
    }

    fn registration(&self, page: &str) -> String {
        format!(
            "Open {} → Entra ID → App registrations → All applications → {} → {page}.",
            self.portal, self.client
        )
    }

    fn enterprise_application(&self, page: &str) -> String {
        format!(
            "Open {} → Entra ID → Enterprise apps → All applications → {} → {page}.",
            self.portal, self.client
        )
    }
}

struct Steps {
    goal: &'static str,
    by_hand: Vec<String>,
    /// Nothing where the Azure CLI has no command for it.
    commands: Vec<String>,
}

fn steps(task: Task, names: &Names<'_>) -> Steps {
    let Names { portal, login, client, tenant, address, cloud } = names;
    let id = in_shell(client);
    let consent_link = format!("{login}/{tenant}/adminconsent?client_id={client}");
    let (goal, by_hand, commands) = match task {
        Task::GiveAccess => ("Give access.", Vec::new(), Vec::new()),
        Task::CorrectSettings => (
            "Correct config.json, beside the page’s index.html.",
            vec![
                format!("signIn.tenant is {tenant}: it has to be the id or a domain of the tenant, in the cloud of this page. “organizations” works only for a registration that takes accounts of any organisation."),
                format!("signIn.clientId is {client}: it has to be the application (client) id on the overview of the app registration ({portal} → Entra ID → App registrations)."),
                format!("cloud is {cloud}: public, usgov and china have tenants and registrations of their own."),
            ],
            Vec::new(),
        ),
        Task::RegisterAddress => (
            "Register the redirect address, as that of a single-page application.",
            vec![
                names.registration("Authentication"),
                format!("Add the redirect URI {address}, letter by letter, on the platform “Single-page application”."),
                "If the same address is there on another platform (“Web”, “Mobile and desktop applications”), remove it there.".to_owned(),
                "Leave the boxes under “Implicit grant and hybrid flows” empty, and save.".to_owned(),
            ],
            vec![
                format!("az ad app show --id {id} --query spa.redirectUris"),
                "# This replaces the list: write into it the addresses that the command above showed.".to_owned(),
                format!("az ad app update --id {id} --set spa={}", in_shell(&serde_json::json!({ "redirectUris": [address] }).to_string())),
            ],
        ),
        Task::Consent => (
            "Consent for everybody.",
            vec![
                names.registration("API permissions"),
                "Unless it is there: Add a permission → Azure Service Management → Delegated permissions → user_impersonation → Add permissions.".to_owned(),
                "Choose “Grant admin consent”, as a Cloud Application Administrator or higher.".to_owned(),
                format!("If the application is registered in another tenant, open this instead: {consent_link}"),
            ],
            vec![
                format!("az ad app permission add --id {id} --api {MANAGEMENT_APPLICATION} --api-permissions {USER_IMPERSONATION}=Scope"),
                format!("az ad app permission admin-consent --id {id}"),
            ],
        ),
        Task::AddApplication => (
            "Bring the application into the tenant, or correct which is asked for.",
            vec![
                format!("Look whether {client} is there: {portal} → Entra ID → Enterprise apps → All applications."),
                format!("If it is registered in another tenant, and takes accounts of other organisations, bring it in by consenting to it: {consent_link}"),
                "If it should be another application or another tenant, whoever runs the page corrects signIn in config.json.".to_owned(),
            ],
            vec![format!("az ad sp show --id {id}"), format!("az ad sp create --id {id}")],
        ),
        Task::AddService => (
            "Bring Azure Resource Manager into the tenant.",
            vec![
                format!("Look whether {MANAGEMENT_APPLICATION} is there: {portal} → Entra ID → Enterprise apps → All applications, without the filter by type."),
                "If it is not, the commands below bring it in: there is no button for it.".to_owned(),
            ],
            vec![
                format!("az ad sp show --id {MANAGEMENT_APPLICATION}"),
                format!("az ad sp create --id {MANAGEMENT_APPLICATION}"),
            ],
        ),
        Task::EnableApplication => (
            "Switch the application on.",
            vec![
                names.enterprise_application("Properties"),
                "Set “Enabled for users to sign-in” to Yes, and save.".to_owned(),
            ],
            vec![format!("az ad sp update --id {id} --set accountEnabled=true")],
        ),
        Task::RenewSecret => (
            "Make a new client secret.",
            vec![
                names.registration("Certificates & secrets"),
                "New client secret → Add. Hand its value, not its id, to whoever uses it, over a safe way: it is shown once.".to_owned(),
            ],
            vec![format!("az ad app credential reset --id {id} --append")],
        ),
        Task::InviteGuest => (
            "Invite the person as a guest.",
            vec![
                format!("Open {portal} → Entra ID → Users → New user → Invite external user."),
                "Give the address that the person signs in with.".to_owned(),
                "Give the guest a role on the subscription or the workspace, and tell the person to accept the invitation.".to_owned(),
            ],
            Vec::new(),
        ),
        Task::AssignPerson => (
            "Assign the person to the application.",
            vec![
                names.enterprise_application("Users and groups"),
                "Add user/group → the person, or a group that the person is in → Assign.".to_owned(),
                "Or let everybody in: Properties → “Assignment required?” → No. The command below does that.".to_owned(),
            ],
            vec![format!("az ad sp update --id {id} --set appRoleAssignmentRequired=false")],
        ),
        Task::EnableAccount => (
            "Switch the account on, if the person should have it.",
            vec![
                format!("Open {portal} → Entra ID → Users → the person → Edit properties → Settings."),
                "Tick “Account enabled”, and save. Accounts that come from an own Active Directory are enabled there.".to_owned(),
            ],
            vec!["az ad user update --id '<account>' --account-enabled true".to_owned()],
        ),
        Task::FindRule => (
            "Find out which rule stops the sign-in.",
            vec![
                format!("Open {portal} → Entra ID → Monitoring & health → Sign-in logs."),
                "Filter by the correlation id, or by the person and the time, and open the entry.".to_owned(),
                "“Basic info” has the reason, “Conditional Access” the policy that failed.".to_owned(),
                format!("Change the policy, or tell the person which device, network or proof it wants. The policy sees the application {client} and the resource “Windows Azure Service Management API” ({MANAGEMENT_APPLICATION})."),
            ],
            Vec::new(),
        ),
        Task::OpenTenants => (
            "Let people of the one tenant into the other, if that is wanted.",
            vec![
                format!("Open {portal} → Entra ID → External Identities → Cross-tenant access settings: outbound in the person’s own tenant, inbound in {tenant}."),
                "If a proxy restricts tenants (header Restrict-Access-To-Tenants), add the tenant to its list.".to_owned(),
            ],
            Vec::new(),
        ),
    };
    Steps { goal, by_hand, commands }
}

/// What comes before any command.
fn sign_in_commands(registration: &AppRegistration) -> Vec<String> {
    let cloud = match registration.cloud {
        Cloud::UsGov => Some("az cloud set --name AzureUSGovernment".to_owned()),
        Cloud::China => Some("az cloud set --name AzureChinaCloud".to_owned()),
        Cloud::Public | Cloud::Local(_) => None,
    };
    let tenant = match registration.tenant.as_deref() {
        Some("organizations" | "common") => String::new(),
        tenant => format!(" --tenant {}", in_shell(tenant.unwrap_or("<tenant>"))),
    };
    cloud.into_iter().chain([format!("az login{tenant} --allow-no-subscriptions")]).collect()
}

/// One word for a shell, whatever it holds.
fn in_shell(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._@:/".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Which role is wanted by whom; nothing where the service named no action.
fn for_the_owner(refusal: &Refusal) -> Option<String> {
    let action = refusal.denied_action()?;
    let scope = refusal.denied_scope().unwrap_or("(the service did not name the scope)");
    let principal = refusal.denied_principal().unwrap_or("<object id>");
    let role = role_for(action);
    Some(format!(
        "I need access in Azure.\n\nAction: {action}\nScope: {scope}\nWho: object id {principal}\n\n\
         The role “{role}” allows it:\n\
         az role assignment create --assignee-object-id {principal} --role \"{role}\" --scope \"{scope}\"\n"
    ))
}

/// The least of Azure's own roles that allows an action.
fn role_for(action: &str) -> &'static str {
    if action.ends_with("/read") {
        "Reader"
    } else if action.starts_with("Microsoft.MachineLearningServices/workspaces/")
        && action.matches('/').count() > 2
    {
        "AzureML Data Scientist"
    } else {
        "Contributor"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::codes::{Who, meanings};

    const CORRELATION: &str = "5b5b5b5b-1111-2222-3333-444444444444";
    const ANOTHER: &str = "00000000-0000-0000-0000-00000000c11e";

    fn registration() -> AppRegistration {
        AppRegistration {
            cloud: Cloud::Public,
            client_id: Some("11111111-0000-0000-0000-00000000c11e".to_owned()),
            tenant: Some("contoso.onmicrosoft.com".to_owned()),
            redirect_address: Some("https://site.example/tools/auth.html".to_owned()),
        }
    }

    fn hand_on(task: Task, message: &str) -> HandOn {
        let refusal = Refusal {
            inner_code: Some("AADSTS65001".to_owned()),
            message: message.to_owned(),
            request_id: Some(CORRELATION.to_owned()),
            time: Some("2026-11-21 19:30:00Z".to_owned()),
            ..Refusal::default()
        };
        HandOn { task, means: "Nobody has consented.".to_owned(), refusal }
    }

    fn text(task: Task, message: &str) -> String {
        hand_on(task, message).text(&registration()).unwrap()
    }

    #[test]
    fn an_administrator_is_told_what_is_concerned_and_what_to_do() {
        let text = text(Task::Consent, "AADSTS65001: words");
        for part in [
            "What happened: Nobody has consented. (AADSTS65001)\n",
            "Application (client) id: 11111111-0000-0000-0000-00000000c11e\n",
            "Tenant: contoso.onmicrosoft.com\n",
            "Redirect address: https://site.example/tools/auth.html\n",
            "Permission: Azure Service Management, user_impersonation (delegated; application 797f4846-ba00-4fd7-ba43-dac1f8f63013)\n",
            "Scope: https://management.azure.com/user_impersonation\n",
            "Correlation id: 5b5b5b5b-1111-2222-3333-444444444444\n",
            "Time: 2026-11-21 19:30:00Z\n",
            "1. Open https://entra.microsoft.com → Entra ID → App registrations → All applications → 11111111-0000-0000-0000-00000000c11e → API permissions.\n",
            "https://login.microsoftonline.com/contoso.onmicrosoft.com/adminconsent?client_id=11111111-0000-0000-0000-00000000c11e\n",
            "az login --tenant contoso.onmicrosoft.com --allow-no-subscriptions\n",
            "az ad app permission add --id 11111111-0000-0000-0000-00000000c11e --api 797f4846-ba00-4fd7-ba43-dac1f8f63013 --api-permissions 41094075-9dad-400e-a0bd-54e686782033=Scope\n",
            "az ad app permission admin-consent --id 11111111-0000-0000-0000-00000000c11e\n",
        ] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
    }

    #[test]
    fn a_redirect_address_is_registered_as_that_of_a_single_page_application() {
        let text = text(Task::RegisterAddress, "");
        assert!(
            text.contains("Add the redirect URI https://site.example/tools/auth.html, letter by letter"),
            "{text}"
        );
        assert!(
            text.contains(r#"--set spa='{"redirectUris":["https://site.example/tools/auth.html"]}'"#),
            "{text}"
        );
    }

    #[test]
    fn what_the_authority_names_goes_before_what_is_configured() {
        let text = text(
            Task::RegisterAddress,
            &format!(
                "The redirect URI 'https://other.example/cb' does not match those of the application '{ANOTHER}'."
            ),
        );
        assert!(
            text.contains(&format!("--id {ANOTHER} ")) && text.contains("https://other.example/cb"),
            "{text}"
        );
        for ours in ["contoso", "site.example", "11111111"] {
            assert!(!text.contains(ours), "{ours} is in: {text}");
        }
    }

    #[test]
    fn what_was_pasted_is_not_handed_on() {
        for task in [Task::Consent, Task::FindRule, Task::RegisterAddress, Task::CorrectSettings] {
            let text = text(
                task,
                "AADSTS65001: words #code=0.sesame&state=open 'https://a.example/?code=sesame' 'sesame; rm'",
            );
            assert!(!text.contains("sesame"), "{text}");
        }
    }

    #[test]
    fn each_cloud_has_its_own_portal_and_commands() {
        for (cloud, portal, command, login) in [
            (
                Cloud::UsGov,
                "https://portal.azure.us",
                "az cloud set --name AzureUSGovernment\n",
                "https://login.microsoftonline.us/",
            ),
            (
                Cloud::China,
                "https://portal.azure.cn",
                "az cloud set --name AzureChinaCloud\n",
                "https://login.partner.microsoftonline.cn/",
            ),
        ] {
            let text = hand_on(Task::Consent, "").text(&AppRegistration { cloud, ..registration() }).unwrap();
            assert!(text.contains(portal) && text.contains(command) && text.contains(login), "{text}");
            assert!(
                !text.contains("entra.microsoft.com") && !text.contains("management.azure.com"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_known_is_left_to_be_filled_in() {
        let nothing = AppRegistration::default();
        let text = hand_on(Task::AssignPerson, "").text(&nothing).unwrap();
        assert!(
            text.contains("→ <client id> → Users and groups")
                && text.contains("az login --tenant '<tenant>'"),
            "{text}"
        );
        assert!(!text.contains("Application (client) id"), "{text}");
        assert_eq!(hand_on(Task::CorrectSettings, "").text(&nothing), None);
        let of_any = AppRegistration { tenant: Some("organizations".to_owned()), ..registration() };
        assert!(
            hand_on(Task::Consent, "").text(&of_any).unwrap().contains("az login --allow-no-subscriptions")
        );
    }

    #[test]
    fn settings_are_one_word_for_a_shell() {
        assert_eq!(in_shell("contoso.onmicrosoft.com"), "contoso.onmicrosoft.com");
        assert_eq!(in_shell("a'; rm -rf ~"), r"'a'\''; rm -rf ~'");
        assert_eq!(in_shell(""), "''");
    }

    #[test]
    fn whatever_needs_an_administrator_says_what_to_do_in_a_text() {
        for meaning in meanings() {
            if meaning.who == Who::Administrator {
                assert!(meaning.task.is_some(), "{meaning:?}");
            }
            let Some(task) = meaning.task.filter(|task| *task != Task::GiveAccess) else { continue };
            let text = text(task, "");
            assert!(text.contains("\n1. "), "{text}");
        }
    }

    #[test]
    fn an_owner_is_told_what_to_do() {
        let message = "The client 'a' with object id '00000000-aaaa-bbbb-cccc-000000000000' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/computes/write' over scope '/subscriptions/s/resourceGroups/g' or the scope is invalid.";
        let text = text(Task::GiveAccess, message);
        assert!(text.contains("--assignee-object-id 00000000-aaaa-bbbb-cccc-000000000000"), "{text}");
        assert!(
            text.contains("--role \"AzureML Data Scientist\" --scope \"/subscriptions/s/resourceGroups/g\""),
            "{text}"
        );
        assert_eq!(role_for("Microsoft.MachineLearningServices/workspaces/read"), "Reader");
        assert_eq!(role_for("Microsoft.MachineLearningServices/workspaces/delete"), "Contributor");
        assert_eq!(hand_on(Task::GiveAccess, "no words").text(&registration()), None);
    }
}

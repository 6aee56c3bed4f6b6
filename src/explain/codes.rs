//! The codes of Azure's services: what each means, what helps, and who can do it.
//!
//! Codes and never messages: messages are localised and change. Sources: Microsoft's articles on errors of Azure
//! Resource Manager, of Azure Machine Learning and of Microsoft Entra (the `AADSTS` codes), and their published
//! API descriptions. Nothing but what is shown depends on an `AADSTS` number: the authority's `error` decides what is done.

use crate::explain::hand_on::Task;

/// What one or several codes mean.
#[derive(Debug)]
pub struct Meaning {
    /// The service's codes.
    pub codes: &'static [&'static str],
    /// In plain words.
    pub means: &'static str,
    /// What helps.
    pub helps: &'static str,
    /// Who can do that.
    pub who: Who,
    /// What this page can do about it.
    pub remedy: Remedy,
    /// What a text says that can be handed on.
    pub task: Option<Task>,
    /// Whether services say it of many things.
    pub is_general: bool,
}

/// Who can mend something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The person at the screen.
    You,
    /// An owner of the subscription, the group or the workspace.
    Owner,
    /// An administrator of the organisation's directory.
    Administrator,
    /// Whoever set up this page.
    Deployer,
    /// Azure support, if it stays.
    Support,
}

impl Who {
    /// As it stands behind "Who can do this".
    pub fn words(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::Owner => "an owner of the subscription or the workspace",
            Self::Administrator => "an administrator of your organisation’s directory",
            Self::Deployer => "whoever runs this page",
            Self::Support => "Azure support, if it stays",
        }
    }
}

/// What a button on this page can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing.
    None,
    /// Ask the same again.
    Retry,
    /// Ask the same again once the service's time is over.
    Wait,
    /// Sign in again, over the page.
    SignIn,
    /// Sign in again with every proof that the authority knows.
    SecondProof,
    /// Sign in to another tenant, over the page.
    SwitchTenant,
    /// Hand a text to the owner; sign in again once there is access.
    AskOwner,
    /// Register the resource provider in the subscription.
    RegisterProvider,
    /// Type another name.
    OtherName,
}

/// What a code means, if it is known.
pub fn meaning_of(code: &str) -> Option<&'static Meaning> {
    MEANINGS.iter().find(|meaning| meaning.codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
}

const fn meaning(
    codes: &'static [&'static str],
    means: &'static str,
    helps: &'static str,
    who: Who,
    remedy: Remedy,
) -> Meaning {
    Meaning { codes, means, helps, who, remedy, task: None, is_general: false }
}

/// With a text for somebody else.
const fn with(task: Task, meaning: Meaning) -> Meaning {
    Meaning { task: Some(task), ..meaning }
}

/// All of them.
#[cfg(test)]
pub(crate) fn meanings() -> &'static [Meaning] {
    MEANINGS
}

/// The table.
const MEANINGS: &[Meaning] = &[
    // Tokens that Azure Resource Manager or a workspace does not take.
    meaning(
        &["ExpiredAuthenticationToken"],
        "The sign-in has run out.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AuthenticationFailed", "AuthenticationFailedInvalidHeader", "AuthenticationFailedMissingToken"],
        "The request came without a token that could be read.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["InvalidAuthenticationToken", "InvalidAuthenticationTokenAudience"],
        "Azure does not take this token: it is damaged, or it was made for another service.",
        "Sign in again, with a token for Azure Resource Manager.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["InvalidAuthenticationTokenTenant"],
        "The token is of another tenant than the one that the subscription belongs to.",
        "Sign in to the tenant of the subscription.",
        Who::You,
        Remedy::SwitchTenant,
    ),
    // Not allowed.
    with(
        Task::GiveAccess,
        meaning(
            &[
                "AuthorizationFailed",
                "LinkedAuthorizationFailed",
                "AuthorizationPermissionMismatch",
                "Forbidden",
            ],
            "This account has no role that allows it.",
            "Ask an owner for access. A new role can take some minutes, and counts after signing in again.",
            Who::Owner,
            Remedy::AskOwner,
        ),
    ),
    meaning(
        &["RequestDisallowedByPolicy"],
        "A policy of your organisation forbids it.",
        "Ask an owner which policy it is: the service’s words name it.",
        Who::Owner,
        Remedy::None,
    ),
    meaning(
        &["RequestDisallowedByAzure"],
        "Azure does not allow it for this subscription: most often the region is closed to it, at times a second proof of who you are is wanted.",
        "The service’s words say which. Choose another region, or sign in with a second proof.",
        Who::You,
        Remedy::SecondProof,
    ),
    meaning(
        &["ScopeLocked"],
        "A lock protects this resource or its group from changes.",
        "Ask an owner to remove the lock first.",
        Who::Owner,
        Remedy::None,
    ),
    meaning(
        &["ReadOnlyDisabledSubscription", "SubscriptionDisabled"],
        "The subscription is disabled: what is in it can be read and not changed.",
        "Ask an owner to enable the subscription, most often by settling its bill.",
        Who::Owner,
        Remedy::None,
    ),
    // Not there.
    meaning(
        &["SubscriptionNotFound", "InvalidSubscriptionId"],
        "There is no such subscription, or it belongs to another tenant than the one you are signed in to.",
        "Check the id in the address, or sign in to the subscription’s tenant.",
        Who::You,
        Remedy::SwitchTenant,
    ),
    meaning(
        &["ResourceGroupNotFound"],
        "There is no such resource group.",
        "Check the name in the address, or go back: it may have been deleted.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["ResourceNotFound", "ParentResourceNotFound", "NotFound", "ModelNotFound", "ComputeNotFound"],
        "It is not there.",
        "Check the address, or go back: it may have been deleted or moved.",
        Who::You,
        Remedy::None,
    ),
    // An export that is open in the place of the service.
    meaning(
        &["NotInExport"],
        "This export does not hold it.",
        "Look in the workspace itself, if it is still there. The start page of the export says what could not be exported, and why.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["ReadOnlyExport"],
        "This is an export: nothing can be changed in it.",
        "Change it in the workspace itself, if it is still there.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["DamagedInExport"],
        "This part of the export is damaged: it is not what was exported.",
        "Copy or download the zip again, and open that.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["ExportGone"],
        "The zip of this export cannot be read any more: it was moved or changed after it was opened.",
        "Open it again from where it is now.",
        Who::You,
        Remedy::None,
    ),
    // In the way of each other.
    meaning(
        &["Conflict", "AnotherOperationInProgress", "OperationInProgress", "ServiceOperationInProgress"],
        "Something else is changing it at the moment.",
        "Wait until that is done, then try again.",
        Who::You,
        Remedy::Retry,
    ),
    meaning(
        &["MissingSubscriptionRegistration", "SubscriptionNotRegistered"],
        "The subscription has never used this part of Azure, and it has to be registered once.",
        "Register the resource provider. That needs the role of a contributor and takes a minute or two.",
        Who::Owner,
        Remedy::RegisterProvider,
    ),
    meaning(
        &["AlreadyExists", "NameUnavailable", "InvalidResourceName", "InvalidResourceGroup"],
        "That name is taken, or may not be used.",
        "Choose another name.",
        Who::You,
        Remedy::OtherName,
    ),
    meaning(
        &["LocationNotAvailableForResourceType"],
        "Azure does not have this in that region, or not for this subscription.",
        "Choose another region: the service’s words name those that have it.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["InvalidResourceGroupLocation"],
        "There is a resource group of this name in another region, and it cannot be moved.",
        "Choose another name, or the region that it is in.",
        Who::You,
        Remedy::OtherName,
    ),
    meaning(
        &["ResourceGroupBeingDeleted"],
        "The resource group is being deleted.",
        "Choose another resource group, or wait until it is gone and make it again.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["PreconditionFailed"],
        "It was changed by somebody else since it was read.",
        "Read it again, look at what changed, then try again.",
        Who::You,
        Remedy::Retry,
    ),
    meaning(
        &["DeletionRequired"],
        "Something still uses it; the reasons name what.",
        "Delete what uses it first.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["QuotaExceeded", "OperationNotAllowed", "SkuNotAvailable"],
        "The subscription may not use more of this here.",
        "Free what is not needed, take another size or region, or ask for a larger quota.",
        Who::Owner,
        Remedy::None,
    ),
    // Too much at once.
    meaning(
        &[
            "TooManyRequests",
            "ResourceRequestsThrottled",
            "SubscriptionRequestsThrottled",
            "RequestThrottled",
        ],
        "Too much was asked in a short time, perhaps by others in the same subscription.",
        "Wait. This page asks less often for a while.",
        Who::You,
        Remedy::Wait,
    ),
    // The service's own trouble.
    meaning(
        &["InternalServerError", "ServiceError", "AzureStorageError", "TransientError", "ServerTimeout"],
        "Something failed inside the service.",
        "Try again in a moment. If it stays, give support the request id.",
        Who::Support,
        Remedy::Retry,
    ),
    meaning(
        &["ServiceUnavailable", "ServerBusy", "GatewayTimeout", "BadGateway"],
        "The service is not there at the moment.",
        "Try again in a moment. If it stays, look at Azure’s status page.",
        Who::Support,
        Remedy::Retry,
    ),
    // What was asked is not understood.
    meaning(
        &["InvalidApiVersionParameter", "NoRegisteredProviderFound", "MissingApiVersionParameter"],
        "The service does not speak the version of its interface that was asked for.",
        "A newer version of this page may: tell whoever runs it.",
        Who::Deployer,
        Remedy::None,
    ),
    meaning(
        &["InvalidResourceType", "InvalidResourceNamespace"],
        "The service does not know this kind of resource here.",
        "Check the address. A part of it may be misspelt.",
        Who::You,
        Remedy::None,
    ),
    Meaning {
        is_general: true,
        ..meaning(
            &[
                "UserError",
                "BadArgument",
                "ArgumentInvalid",
                "ValidationError",
                "InvalidRequestContent",
                "BadRequest",
            ],
            "The service does not take what was asked; its words say why.",
            "Change what it names, then try again.",
            Who::You,
            Remedy::None,
        )
    },
    meaning(
        &["UnsupportedMediaType"],
        "The service does not take this kind of content.",
        "Tell whoever runs this page: it should not happen.",
        Who::Deployer,
        Remedy::None,
    ),
    // Microsoft Entra: client secrets.
    meaning(
        &["AADSTS7000215", "AADSTS70002"],
        "The client secret is wrong.",
        "Check the secret: it is the value, not the id, of the client secret.",
        Who::You,
        Remedy::None,
    ),
    with(
        Task::RenewSecret,
        meaning(
            &["AADSTS7000222"],
            "The client secret has run out.",
            "Whoever manages the application can make a new one.",
            Who::Administrator,
            Remedy::None,
        ),
    ),
    with(
        Task::RegisterAddress,
        meaning(
            &["AADSTS7000218"],
            "Entra wants a client secret of this application, and got none.",
            "A web page signs people in without one: the redirect address has to be registered as that of a single-page application.",
            Who::Administrator,
            Remedy::None,
        ),
    ),
    meaning(
        &["AADSTS700025"],
        "This application is a public client, and takes no secret.",
        "Use the id of an application that has a secret.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["invalid_client"],
        "Entra does not take the application’s proof.",
        "Check the client id and the secret.",
        Who::You,
        Remedy::None,
    ),
    // The application and the tenant.
    with(
        Task::AddApplication,
        meaning(
            &["AADSTS700016", "AADSTS700011", "unauthorized_client"],
            "The application is not in that tenant.",
            "Check the client id and the tenant. An administrator may have to add the application.",
            Who::Administrator,
            Remedy::None,
        ),
    ),
    with(
        Task::EnableApplication,
        meaning(
            &["AADSTS7000112", "AADSTS70001"],
            "The application is switched off in that tenant.",
            "An administrator can switch it on.",
            Who::Administrator,
            Remedy::None,
        ),
    ),
    with(
        Task::CorrectSettings,
        meaning(
            &["AADSTS90002"],
            "There is no such tenant in this cloud.",
            "Check the tenant: an id, or a domain such as contoso.onmicrosoft.com.",
            Who::You,
            Remedy::None,
        ),
    ),
    with(
        Task::CorrectSettings,
        meaning(
            &["AADSTS50059", "AADSTS50128", "AADSTS90019"],
            "Nothing in the sign-in says which tenant is meant.",
            "Name the tenant by its id, or by a domain such as contoso.onmicrosoft.com.",
            Who::You,
            Remedy::None,
        ),
    ),
    with(
        Task::CorrectSettings,
        meaning(
            &["AADSTS90038", "AADSTS90043", "AADSTS90051"],
            "The tenant is in another cloud of Azure.",
            "Sign in at a page that is set up for that cloud, or have this one set up for it.",
            Who::Deployer,
            Remedy::None,
        ),
    ),
    with(
        Task::CorrectSettings,
        meaning(
            &["AADSTS50194", "AADSTS90124", "AADSTS90130"],
            "The application is registered for one tenant alone, and the sign-in does not name it.",
            "Name the tenant in the settings of this page, or have the application registered for several.",
            Who::Deployer,
            Remedy::None,
        ),
    ),
    meaning(
        &["AADSTS500208", "AADSTS9002332"],
        "This kind of account cannot sign in there: a personal one where one of work or school is wanted, or the other way round.",
        "Sign in with another account.",
        Who::You,
        Remedy::SignIn,
    ),
    // Where the authority sends people back to.
    with(
        Task::RegisterAddress,
        meaning(
            &["AADSTS50011", "AADSTS500112", "AADSTS500113", "AADSTS70004", "AADSTS900971"],
            "The address of this page is not registered with the application.",
            "An administrator can add it as a redirect address of a single-page application.",
            Who::Administrator,
            Remedy::None,
        ),
    ),
    with(
        Task::RegisterAddress,
        meaning(
            &["AADSTS9002326"],
            "Entra gives tokens to a web page only if its address is registered as that of a single-page application, and never for a client secret.",
            "Have the redirect address registered so. For a client secret, get a token with the Azure CLI and paste it under “Access token”.",
            Who::Administrator,
            Remedy::None,
        ),
    ),
    meaning(
        &["AADSTS9002327"],
        "Entra saw the code of a web page come from elsewhere: something on the way took away where it came from (Origin).",
        "Tell whoever runs this page. No proxy may stand between it and the sign-in.",
        Who::Deployer,
        Remedy::None,
    ),
    meaning(
        &["AADSTS9002325", "AADSTS50147", "AADSTS50148", "AADSTS501481", "AADSTS501491"],
        "What shows that this page began the sign-in (PKCE) is missing or does not fit.",
        "Sign in again, from the beginning and in one tab. If it stays, tell whoever runs this page.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS700051", "AADSTS700054", "AADSTS70005", "AADSTS70007", "unsupported_response_type"],
        "The application does not allow what was asked of it (response type).",
        "Tell whoever runs this page: it asks for codes alone, so it should not happen.",
        Who::Deployer,
        Remedy::None,
    ),
    // Consent.
    with(
        Task::Consent,
        meaning(
            &[
                "AADSTS65001",
                "AADSTS65005",
                "AADSTS650056",
                "AADSTS650057",
                "AADSTS90008",
                "AADSTS9002341",
                "consent_required",
            ],
            "Nobody has consented yet that this application may act for you.",
            "An administrator can consent for everybody.",
            Who::Administrator,
            Remedy::SignIn,
        ),
    ),
    with(
        Task::Consent,
        meaning(
            &["AADSTS90094", "AADSTS90095"],
            "Only an administrator may consent to what this application needs.",
            "Hand the text to an administrator. Sign in again once there is consent.",
            Who::Administrator,
            Remedy::SignIn,
        ),
    ),
    meaning(
        &["AADSTS65004"],
        "You did not agree that this application may act for you.",
        "Sign in again and accept. It does at Azure what you do on its pages, and nothing else.",
        Who::You,
        Remedy::SignIn,
    ),
    with(
        Task::AddService,
        meaning(
            &["AADSTS500011", "AADSTS50001", "AADSTS650052", "AADSTS650054", "invalid_resource"],
            "The tenant does not know the service that the token is for.",
            "Check the cloud and the tenant. An administrator may have to add the service.",
            Who::Administrator,
            Remedy::None,
        ),
    ),
    // Accounts.
    with(
        Task::InviteGuest,
        meaning(
            &["AADSTS50020", "AADSTS50014", "AADSTS16003", "AADSTS51004", "AADSTS90072"],
            "This account is not in that tenant.",
            "Sign in with an account of the tenant, or have it invited as a guest.",
            Who::Administrator,
            Remedy::SwitchTenant,
        ),
    ),
    with(
        Task::InviteGuest,
        meaning(
            &["AADSTS50034"],
            "There is no such account in that tenant.",
            "Check how it is written, choose another account, or have it invited as a guest.",
            Who::Administrator,
            Remedy::SignIn,
        ),
    ),
    with(
        Task::AssignPerson,
        meaning(
            &["AADSTS50105"],
            "Only people who are assigned to this application may use it, and you are not.",
            "Have an administrator assign you, or sign in with another account.",
            Who::Administrator,
            Remedy::SignIn,
        ),
    ),
    with(
        Task::EnableAccount,
        meaning(
            &["AADSTS50057"],
            "The account is switched off.",
            "Sign in with another account, or ask an administrator.",
            Who::Administrator,
            Remedy::SignIn,
        ),
    ),
    meaning(
        &["AADSTS50126", "AADSTS50056", "AADSTS50064"],
        "The name or the password is wrong.",
        "Sign in again. Microsoft’s page helps with a forgotten password.",
        Who::You,
        Remedy::SignIn,
    ),
    with(
        Task::FindRule,
        meaning(
            &["AADSTS50053"],
            "The account is locked after too many tries, or the sign-in came from an address that Entra mistrusts.",
            "Wait some minutes, then sign in again. If it stays, an administrator sees the reason.",
            Who::You,
            Remedy::SignIn,
        ),
    ),
    meaning(
        &["AADSTS50055", "AADSTS50144", "AADSTS50135"],
        "The password has run out, or has to be changed.",
        "Sign in again and change it on Microsoft’s page.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS16000", "AADSTS16001", "AADSTS16002", "AADSTS160021", "AADSTS50197"],
        "More than one account is signed in at Microsoft in this browser, or the one that was meant is not.",
        "Sign in again and choose the account.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS50058", "AADSTS50085", "login_required"],
        "Nobody is signed in at Microsoft in this browser any more.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS50125", "AADSTS50140", "AADSTS50199", "AADSTS700020", "interaction_required"],
        "Entra wants something that only you can do, on its own page.",
        "Sign in again: the page says what it is.",
        Who::You,
        Remedy::SignIn,
    ),
    // A second proof, and rules of the organisation.
    meaning(
        &["AADSTS50074", "AADSTS50076", "AADSTS50078", "AADSTS50158"],
        "A second proof of who you are is wanted.",
        "Sign in with it: an app, a message or a key.",
        Who::You,
        Remedy::SecondProof,
    ),
    meaning(
        &["AADSTS50072", "AADSTS50079", "AADSTS53004"],
        "A second proof of who you are is wanted, and none is set up for this account.",
        "Sign in again: Microsoft’s page sets one up.",
        Who::You,
        Remedy::SecondProof,
    ),
    with(
        Task::FindRule,
        meaning(
            &[
                "AADSTS53003",
                "AADSTS53002",
                "AADSTS53010",
                "AADSTS530032",
                "AADSTS530034",
                "AADSTS530035",
                "AADSTS53011",
                "AADSTS50131",
                "AADSTS50005",
            ],
            "A rule of your organisation (Conditional Access) does not let this sign-in through.",
            "Try from the network, the device and the browser that you use for work. If it stays, an administrator can see which rule it is.",
            Who::Administrator,
            Remedy::SignIn,
        ),
    ),
    with(
        Task::FindRule,
        meaning(
            &[
                "AADSTS530003",
                "AADSTS53000",
                "AADSTS53001",
                "AADSTS50097",
                "AADSTS50129",
                "AADSTS50155",
                "AADSTS50187",
            ],
            "A rule of your organisation wants a device that it knows.",
            "Sign in from such a device, in a browser that shows it: Edge, or Chrome with the account of the device.",
            Who::Administrator,
            Remedy::SignIn,
        ),
    ),
    with(
        Task::OpenTenants,
        meaning(
            &["AADSTS50002", "AADSTS500021", "AADSTS500022", "AADSTS500212", "AADSTS500213", "AADSTS1000104"],
            "A rule of your network, or of one of the two organisations, keeps this account out of that tenant.",
            "Ask an administrator of your organisation whether that is meant.",
            Who::Administrator,
            Remedy::SwitchTenant,
        ),
    ),
    with(
        Task::FindRule,
        meaning(
            &["access_denied", "authorization_declined"],
            "Signing in was declined, by somebody or by a rule.",
            "Sign in again and accept. If a rule declined it, an administrator can see which.",
            Who::Administrator,
            Remedy::SignIn,
        ),
    ),
    // Codes and tokens that are no good any more.
    meaning(
        &["AADSTS70008"],
        "The sign-in took too long: its code or its token has run out.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS54005"],
        "The code of this sign-in was used before, and works once.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS700005"],
        "The code of this sign-in is for another tenant.",
        "Sign in again, to the tenant that you want to work in.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS70000"],
        "What was to be turned into a token is damaged, or not from this authority.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS700084"],
        "A sign-in from a web page lasts 24 hours, and these are over.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS700082"],
        "The sign-in was not used for too long, and has run out.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS70043", "AADSTS70044"],
        "A rule of your organisation wants you to sign in more often.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS50173", "AADSTS50132", "AADSTS50133", "AADSTS50089"],
        "The sign-in was ended: a password was changed, or somebody ended all sessions of the account.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["invalid_grant"],
        "What was to be turned into a token has run out, was used before, or was taken back.",
        "Sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &["AADSTS70018", "AADSTS70019", "bad_verification_code", "expired_token"],
        "The code of the device was mistyped, or has run out.",
        "Begin again on the command line, and enter the new code.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["AADSTS70016", "authorization_pending"],
        "Nobody has entered the code of the device yet.",
        "Enter it where the command line says.",
        Who::You,
        Remedy::None,
    ),
    // Requests that Entra does not understand, or cannot answer now.
    with(
        Task::CorrectSettings,
        meaning(
            &["AADSTS70011", "AADSTS28002", "AADSTS28003", "AADSTS700022", "AADSTS700023", "invalid_scope"],
            "Entra does not know what was asked for (the scope).",
            "Check the cloud in the settings of this page.",
            Who::Deployer,
            Remedy::None,
        ),
    ),
    meaning(
        &[
            "AADSTS70003",
            "AADSTS90014",
            "AADSTS90023",
            "AADSTS900144",
            "AADSTS900561",
            "AADSTS9002313",
            "unsupported_grant_type",
            "invalid_request",
        ],
        "Entra does not understand the request.",
        "Check every field. If they are right, tell whoever runs this page.",
        Who::Deployer,
        Remedy::None,
    ),
    meaning(
        &["AADSTS50196", "AADSTS90055", "slow_down"],
        "Entra was asked too often in a short time.",
        "Close other tabs of this page, wait some minutes, then sign in again.",
        Who::You,
        Remedy::SignIn,
    ),
    meaning(
        &[
            "AADSTS90033",
            "AADSTS90006",
            "AADSTS90012",
            "AADSTS90024",
            "AADSTS90090",
            "AADSTS50033",
            "AADSTS50087",
            "temporarily_unavailable",
        ],
        "Entra is busy, or not there at the moment.",
        "Try again in a moment. If it stays, look at Azure’s status page.",
        Who::Support,
        Remedy::Retry,
    ),
    // The relay's own, where nginx is it: relay/nginx.conf.
    meaning(
        &["RelayUnknownHost"],
        "The relay of this page does not know this region or service.",
        "Whoever runs the relay adds the region to hosts.conf.",
        Who::Deployer,
        Remedy::Retry,
    ),
    meaning(
        &["RelayRefusedOrigin"],
        "The relay does not answer pages of this site.",
        "Whoever runs the relay adds this site to origins.conf.",
        Who::Deployer,
        Remedy::Retry,
    ),
    meaning(
        &["RelayUnknownService"],
        "The relay’s list has no such service.",
        "Whoever runs the relay adds the service to scoring.conf.",
        Who::Deployer,
        Remedy::Retry,
    ),
    meaning(
        &["RelayRefusedAddress"],
        "The relay does not hand on an address of this form, such as a name that holds a slash.",
        "Use the Azure CLI or the studio for this, or another name.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["RelayUnknownAddress", "RelayUnknownPath", "RelayRefusedMethod", "RelayRefusedDestination"],
        "The relay of this page does not hand on what was asked.",
        "The relay may be older than this page. Tell whoever runs both.",
        Who::Deployer,
        Remedy::None,
    ),
    meaning(
        &["RelayRefusedToken"],
        "The relay saw a token for Azure on its way to a service, and stopped it.",
        "A service is opened by its own key. Type that one, and never a token for Azure.",
        Who::You,
        Remedy::None,
    ),
    meaning(
        &["RelayRefusedRedirect"],
        "The host behind the relay wanted the question sent elsewhere, which the relay does not do.",
        "Try again. If it stays, tell whoever runs the relay.",
        Who::Deployer,
        Remedy::Retry,
    ),
    meaning(
        &["AADSTS90020", "AADSTS90036", "AADSTS50000", "server_error"],
        "Something failed inside Entra.",
        "Try again in a moment. If it stays, give support the correlation id.",
        Who::Support,
        Remedy::Retry,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_one_meaning() {
        let mut codes: Vec<String> =
            MEANINGS.iter().flat_map(|meaning| meaning.codes).map(|code| code.to_ascii_lowercase()).collect();
        let count = codes.len();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }

    #[test]
    fn whatever_the_authority_is_known_to_refuse_has_a_meaning() {
        // The published table of what token requests meet, and all that the test authority refuses by name.
        for number in [
            16000, 50011, 50020, 50058, 50076, 50079, 50105, 50148, 50173, 53003, 54005, 65001, 65004, 70000,
            70003, 70008, 70011, 70016, 90002, 90020, 90023, 90033, 90094, 500011, 500112, 501481, 501491,
            700005, 700016, 700025, 700051, 700082, 700084, 900144, 900561, 7000215, 7000218, 7000222,
            9002325, 9002326, 9002327,
        ] {
            assert!(meaning_of(&format!("AADSTS{number}")).is_some(), "{number}");
        }
        for error in [
            "access_denied",
            "consent_required",
            "interaction_required",
            "invalid_client",
            "invalid_grant",
            "invalid_request",
            "invalid_resource",
            "invalid_scope",
            "login_required",
            "server_error",
            "temporarily_unavailable",
            "unauthorized_client",
            "unsupported_grant_type",
            "unsupported_response_type",
        ] {
            assert!(meaning_of(error).is_some(), "{error}");
        }
    }

    #[test]
    fn whatever_the_relay_refuses_has_a_meaning() {
        let relay = include_str!("../../relay/nginx.conf");
        let codes: Vec<&str> =
            relay.split("\"code\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(codes.contains(&"RelayUnknownHost"), "{codes:?}");
        for code in codes {
            assert!(meaning_of(code).is_some(), "{code}");
        }
    }

    #[test]
    fn what_wants_different_steps_is_told_apart() {
        let means = |code: &str| meaning_of(code).unwrap().means;
        assert_ne!(means("login_required"), means("interaction_required"));
        assert_ne!(means("AADSTS50076"), means("AADSTS50079"));
        assert_ne!(means("AADSTS700084"), means("AADSTS700082"));
        assert_ne!(means("AADSTS9002326"), means("AADSTS9002327"));
        let remedy = |code: &str| meaning_of(code).unwrap().remedy;
        assert_eq!(
            (remedy("AADSTS50076"), remedy("interaction_required")),
            (Remedy::SecondProof, Remedy::SignIn)
        );
    }

    #[test]
    fn each_meaning_is_in_sentences() {
        for meaning in MEANINGS {
            assert!(meaning.means.ends_with('.') && meaning.helps.ends_with('.'), "{meaning:?}");
        }
    }
}

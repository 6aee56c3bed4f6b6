//! Where services answer: what they say about themselves, and what their entry scripts make of a question.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::checksum::fraction;
use crate::errors::sample;
use crate::model_changes;
use crate::simulator::Simulator;
use crate::state::{Workspace, text};

impl Simulator {
    /// The service whose address the request begins with: a container instance, or one of many behind the front of a
    /// Kubernetes cluster. Where one origin stands for all, it stands for a relay before them too.
    pub(crate) fn scoring(&self, call: &Call<'_>) -> Outcome {
        let address = format!("{}{}", call.place.origin, call.raw_path);
        let relayed = match call.path().as_slice() {
            ["relay", "score", name] => Some((*name).to_owned()),
            _ => None,
        };
        let found = self.state.workspaces.iter().find_map(|workspace| {
            let of = |service: &Value| match &relayed {
                Some(name) => (text(service, "name") == name).then(|| "score".to_owned()),
                None => path_within(&address, text(service, "scoringUri")),
            };
            workspace.services.iter().find_map(|service| Some((workspace, service, of(service)?)))
        });
        let Some((workspace, service, path)) = found else { return Err(words(404, "Not Found")) };
        // Guess: what stands in front of a service that does not run.
        if service["state"] != "Healthy" {
            return Err(words(503, "Service Unavailable"));
        }
        match (call.method, path.as_str()) {
            (&Method::GET, "swagger.json") => Ok(Answer::json(200, &description(service))),
            // What a container answers where it is only looked at.
            (&Method::GET, "") => Ok(words(200, "Healthy")),
            (&Method::POST, "score") => {
                check_key(call, workspace, service)?;
                answer(call, service)
            }
            (_, "" | "swagger.json" | "score") => Err(words(405, "Method Not Allowed")),
            _ => Err(words(404, "Not Found")),
        }
    }
}

/// What follows a service's own address in another, where that begins with it. The usual port may be named or not.
fn path_within(address: &str, scoring: &str) -> Option<String> {
    let bare = |address: &str| address.replacen(":80/", "/", 1);
    let own = bare(scoring);
    let address = bare(address);
    let rest = address.strip_prefix(own.strip_suffix("/score")?)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_matches('/').to_owned())
}

pub fn words(status: u16, text: &str) -> Answer {
    Answer::bytes(status, "text/plain; charset=utf-8", text.as_bytes().to_vec())
}

/// Guess: the words.
fn check_key(call: &Call<'_>, workspace: &Workspace, service: &Value) -> Result<(), Answer> {
    let given = call.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
    let name = text(service, "name");
    let is_good = if service["aadAuthEnabled"] == true {
        given == Some(token(name).as_str())
    } else if service["authEnabled"] == true {
        given.is_some_and(|given| model_changes::keys(workspace, name).iter().any(|key| key == given))
    } else {
        true
    };
    if is_good { Ok(()) } else { Err(words(401, "Unauthorized")) }
}

/// What opens a service that takes tokens. One that was given before stays good.
pub fn token(service: &str) -> String {
    format!("<token of {service}>")
}

/// Guess: a container instance says what its script threw with 500, the front of a cluster with 502.
fn answer(call: &Call<'_>, service: &Value) -> Outcome {
    let outcome = match text(service, "name") {
        "loaves-tomorrow" => {
            rows(call).and_then(|rows| rows.iter().map(loaves).collect::<Result<Vec<_>, _>>())
        }
        "weather-live" => rows(call).and_then(|rows| rows.iter().map(weather).collect()),
        _ => rows(call).and_then(|rows| rows.iter().map(anything).collect()),
    };
    match outcome {
        // Its script answers with the text of a document, as many do.
        Ok(answers) if text(service, "name") == "weather-live" => {
            let inner = json!({ "result": answers }).to_string();
            Ok(Answer::json(200, &inner.into()))
        }
        Ok(answers) => Ok(Answer::json(200, &answers.into())),
        Err(thrown) => {
            let status = if service["computeType"] == "AKS" { 502 } else { 500 };
            Err(words(status, &thrown.trace()))
        }
    }
}

/// What an entry script throws: the line that did, and what it says.
struct Thrown {
    line: &'static str,
    error: String,
}

impl Thrown {
    fn trace(&self) -> String {
        format!(
            "Traceback (most recent call last):\n  File \"/var/azureml-server/create_app.py\", line 197, in score\n    \
             response = invoke_user_with_timer(service_input, request_headers)\n  File \
             \"/var/azureml-app/score.py\", {}\n{}\n",
            self.line, self.error
        )
    }
}

fn rows(call: &Call<'_>) -> Result<Vec<Value>, Thrown> {
    let thrown = |line, error: String| Thrown { line, error };
    let parsed = serde_json::from_slice::<Value>(call.body).map_err(|error| {
        let line = "line 17, in run\n    data = json.loads(raw_data)[\"data\"]";
        let (row, column) = (error.line(), error.column());
        thrown(line, format!("json.decoder.JSONDecodeError: Expecting value: line {row} column {column}"))
    })?;
    let line = "line 17, in run\n    data = json.loads(raw_data)[\"data\"]";
    match &parsed["data"] {
        Value::Array(rows) => Ok(rows.clone()),
        Value::Null => Err(thrown(line, "KeyError: 'data'".to_owned())),
        _ => Err(thrown(line, "TypeError: 'data' is not a list".to_owned())),
    }
}

/// Loaves for a day: which day of the week, whether it is a holiday, how warm, whether it rains.
fn loaves(row: &Value) -> Result<Value, Thrown> {
    let numbers = numbers(row)?;
    let [weekday, holiday, degrees, rain] = numbers.as_slice() else {
        let line = "line 19, in run\n    return model.predict(data).round().astype(int).tolist()";
        let error = format!(
            "ValueError: X has {} features, but Ridge is expecting 4 features as input.",
            numbers.len()
        );
        return Err(Thrown { line, error });
    };
    const USUAL: [f64; 7] = [182.0, 176.0, 180.0, 191.0, 236.0, 318.0, 264.0];
    let usual = USUAL[weekday.rem_euclid(7.0) as usize % 7];
    let all = usual + 64.0 * holiday + 1.8 * (degrees - 12.0) - 22.0 * rain;
    Ok((all.max(0.0).round() as i64).into())
}

/// Rain and wind at a shop, at an hour.
fn weather(row: &Value) -> Result<Value, Thrown> {
    let line = "line 22, in run\n    return json.dumps({\"result\": [forecast(row[\"shop\"], row[\"hour\"]) for row in data]})";
    let missing = |name: &str| Thrown { line, error: format!("KeyError: '{name}'") };
    let shop = row["shop"].as_str().ok_or_else(|| missing("shop"))?;
    let hour = row["hour"].as_f64().ok_or_else(|| missing("hour"))?;
    let tenth = |number: f64| (number * 10.0).round() / 10.0;
    let noise = |what: &str| fraction(&format!("{what} at {shop} at {hour}"));
    let breeze = 4.0 + 3.0 * ((hour - 15.0) / 24.0 * std::f64::consts::TAU).cos();
    let rain = (noise("rain") - 0.6).max(0.0) * 6.0;
    Ok(json!({
        "shop": shop,
        "hour": row["hour"],
        "rain_mm": tenth(rain),
        "wind_ms": tenth(breeze + 2.0 * noise("wind")),
    }))
}

/// A line through the two rows of the published example.
fn anything(row: &Value) -> Result<Value, Thrown> {
    let weighed =
        numbers(row)?.iter().zip(1_u32..).map(|(number, place)| number * f64::from(place)).sum::<f64>();
    let answer = 217.6 - (weighed - 385.0) * 7.1 / 165.0;
    Ok(((answer * 10.0).round() / 10.0).into())
}

fn numbers(row: &Value) -> Result<Vec<f64>, Thrown> {
    let line = "line 18, in run\n    data = numpy.array(data, dtype=float)";
    let number = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let error = format!("ValueError: could not convert string to float: '{text}'");
        value.as_f64().ok_or(Thrown { line, error })
    };
    match row.as_array() {
        Some(values) => values.iter().map(number).collect(),
        None => {
            let error = "ValueError: Expected 2D array, got 1D array instead".to_owned();
            Err(Thrown { line, error })
        }
    }
}

/// The description that the service's image makes of an entry script with a schema.
fn description(service: &Value) -> Value {
    let name = text(service, "name");
    let mut description = sample(&include_str!("scoring/swagger.json").replace("NAME", name));
    if name == "weather-live" {
        description["definitions"] = json!({
            "ServiceInput": {
                "type": "object",
                "properties": { "data": { "type": "array", "items": { "$ref": "#/definitions/Place" } } },
                "example": { "data": [{ "shop": "harbour", "hour": 6 }, { "shop": "harbour", "hour": 9 },
                    { "shop": "market square", "hour": 6 }, { "shop": "market square", "hour": 9 }] },
            },
            "Place": {
                "type": "object",
                "properties": { "shop": { "type": "string" }, "hour": { "type": "integer", "format": "int64" } },
            },
            "ServiceOutput": { "type": "string" },
        });
    }
    description
}

//! What is handed in with a run.

use std::io::Write;

use http::Request;
use serde_json::{Value, json};

use crate::{Answer, Client, REGIONAL, WORKSPACE};

pub fn zip(names: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for name in names {
        let (mut entry, config) =
            archive.new_file(name).compression_method(rawzip::CompressionMethod::STORE).start().unwrap();
        let mut writer = config.wrap(&mut entry);
        writer.write_all(b"print(\"Hello, REST!\")\n").unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

pub fn definition(target: &str) -> Value {
    json!({ "Configuration": { "Script": "hello.py", "Arguments": ["234"], "Target": target, "NodeCount": 1 } })
}

pub fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        body.extend_from_slice(
            format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n")
                .as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--line--\r\n");
    body
}

impl Client {
    pub fn hand_in(&mut self, experiment: &str, query: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let address =
            format!("{REGIONAL}/execution/v1.0{WORKSPACE}/experiments/{experiment}/startrun{query}");
        let token = self.token.clone().unwrap();
        let request = Request::post(address)
            .header("Authorization", format!("Bearer {token}"))
            .header("Content-Type", content_type);
        self.send(request.body(body).unwrap())
    }

    pub fn submit(&mut self, experiment: &str, run: &str, target: &str) -> Answer {
        let definition = definition(target).to_string();
        let body =
            form(&[("projectZipFile", &zip(&["hello.py"])), ("runDefinitionFile", definition.as_bytes())]);
        self.hand_in(experiment, &format!("?runId={run}"), "multipart/form-data; boundary=line", body)
    }

    pub fn status(&mut self, experiment: &str, run: &str) -> String {
        let answer = self.history(&format!("/experiments/{experiment}/runs/{run}"));
        answer.body["status"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
    }
}

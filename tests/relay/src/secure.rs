//! A service behind TLS: who vouches for it, itself, and who tells where it is.

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use crate::relay::{Folder, Nginx};

/// A host with a certificate, signed by an authority of its own.
pub struct SecureHost {
    folder: Folder,
    nginx: Nginx,
}

impl SecureHost {
    /// One that answers each request with the host that the caller wanted, by TLS and by HTTP. Its certificate is for a
    /// name, and good for some days from now.
    ///
    /// # Panics
    /// Where openssl or nginx is missing.
    pub fn named(name: &str, days: i32) -> SecureHost {
        let folder = Folder::new();
        let openssl = |arguments: &str| {
            let mut command = Command::new("openssl");
            command
                .args(arguments.split(' '))
                .current_dir(&*folder)
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            assert!(command.status().expect("openssl is there").success(), "openssl {arguments}");
        };
        fs::write(folder.join("name.txt"), format!("subjectAltName=DNS:{name}\n"))
            .expect("the folder can be written");
        openssl("req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.crt -days 2 -subj /CN=root");
        openssl("req -newkey rsa:2048 -nodes -keyout host.key -out host.csr -subj /CN=host");
        openssl(&format!(
            "x509 -req -in host.csr -CA root.crt -CAkey root.key -CAcreateserial -extfile name.txt -days {days} \
             -out host.crt"
        ));
        let (certificate, key) = (folder.join("host.crt"), folder.join("host.key"));
        let nginx = Nginx::start(|port| {
            let server = format!(
                "listen 127.0.0.1:{port} ssl; ssl_certificate {}; ssl_certificate_key {}; access_log off; \
                 return 200 \"$ssl_server_name $http_host\";",
                certificate.display(),
                key.display()
            );
            vec![("nginx.conf", format!("events {{}} http {{ server {{ {server} }} }}"))]
        });
        SecureHost { folder, nginx }
    }

    /// Its certificate and the key to it.
    pub fn certificate(&self) -> (PathBuf, PathBuf) {
        (self.folder.join("host.crt"), self.folder.join("host.key"))
    }

    /// What vouches for it.
    pub fn root(&self) -> PathBuf {
        self.folder.join("root.crt")
    }

    pub fn port(&self) -> u16 {
        self.nginx.port
    }
}

/// Says of every name that it has two addresses, both on this machine, and returns where it listens.
///
/// # Panics
/// Where there is no free port.
pub fn name_server() -> String {
    const ANSWER: [u8; 16] = [0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1];
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let address = socket.local_addr().expect("it has an address");
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            // The question again, as an answer without an error, with two addresses.
            let mut answer = question[..length].to_vec();
            answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0]);
            answer.extend_from_slice(&ANSWER);
            answer.extend_from_slice(&ANSWER);
            let _ = socket.send_to(&answer, from);
        }
    });
    address.to_string()
}

//! Child processes of the real binary: started together, watched, and never left behind.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    os::unix::fs::FileExt as _,
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use infra::Guard;

use crate::deployment::{binary, clear, repository};

/// How long a process may take to say that it is ready; seeding included.
const START_LIMIT: Duration = Duration::from_secs(180);

/// Variables and their values; of two with one name the last counts.
pub type Environment = Vec<(String, String)>;

/// A process of the binary; killed when dropped, or when the tests end in whatever way.
pub struct Process {
    child: Child,
    _guard: Guard,
    log: File,
    // Locked by nobody: it makes a process something that tests can share.
    lines: Mutex<Receiver<String>>,
    arguments: Vec<String>,
    environment: Environment,
    /// Where clients connect, as printed.
    pub url: String,
    /// Where operators connect, as printed.
    pub admin_url: String,
    /// What it printed before it was ready.
    pub printed: Vec<String>,
}

/// Starts the binary and waits until it says that it is ready.
#[must_use]
pub fn start(arguments: &[&str], environment: &Environment) -> Process {
    let mut process = spawn(arguments, environment);
    process.wait_ready();
    process
}

/// Starts several at the same time.
#[must_use]
pub fn start_all(commands: &[Vec<&str>], environment: &Environment) -> Vec<Process> {
    let mut processes: Vec<_> = commands
        .iter()
        .map(|arguments| spawn(arguments, environment))
        .collect();
    processes.iter_mut().for_each(Process::wait_ready);
    processes
}

/// Starts the binary and does not wait.
#[must_use]
pub fn spawn(arguments: &[&str], environment: &Environment) -> Process {
    let log = tempfile::Builder::new().append(true).tempfile().unwrap();
    let log = log.into_file();
    let mut child = command(arguments, environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log.try_clone().unwrap())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, lines) = mpsc::channel();
    // Reads on after `ready`, so that the child never waits for a full pipe.
    std::thread::spawn(move || {
        for line in output.map_while(Result::ok) {
            drop(sender.send(line));
        }
    });
    Process {
        _guard: Guard::of(child.id()).unwrap(),
        child,
        log,
        lines: Mutex::new(lines),
        arguments: arguments.iter().map(|&text| text.to_owned()).collect(),
        environment: environment.clone(),
        url: String::new(),
        admin_url: String::new(),
        printed: Vec::new(),
    }
}

/// What a command that ends by itself said.
pub struct Outcome {
    /// Its exit code.
    pub code: i32,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub errors: String,
}

/// Runs the binary to its end.
#[must_use]
pub fn run(arguments: &[&str], environment: &Environment) -> Outcome {
    let output = command(arguments, environment).output().unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The binary with these arguments, not started yet.
#[must_use]
pub fn command(arguments: &[&str], environment: &Environment) -> Command {
    let mut command = Command::new(binary());
    // What the person who runs the tests has set is not for it: settings, and the addresses in `supergraph.yaml`.
    clear(&mut command, &["PASAR_"]);
    command
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir(repository());
    command
}

impl Process {
    /// Waits until the process says that it is ready.
    pub fn wait_ready(&mut self) {
        self.wait_for("ready ");
    }

    /// Waits until a router says that it listens and has no supergraph to serve yet.
    pub fn wait_until_waiting(&mut self) {
        self.wait_for("waiting ");
    }

    /// Waits for a line that begins with `word` and goes on with where clients connect.
    fn wait_for(&mut self, word: &str) {
        let until = Instant::now() + START_LIMIT;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = match self.lines.get_mut().unwrap().recv_timeout(left) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => panic!("{self} does not say `{word}` in time"),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("{self} ended before it said `{word}`")
                }
            };
            if let Some(url) = line.strip_prefix("operators ") {
                self.admin_url = url.split('/').take(3).collect::<Vec<_>>().join("/");
            }
            if let Some(url) = line.strip_prefix(word) {
                self.url = url.to_owned();
                return;
            }
            self.printed.push(line);
        }
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        let length = usize::try_from(self.log.metadata().unwrap().len()).unwrap();
        let mut text = vec![0; length];
        self.log.read_exact_at(&mut text, 0).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Kills it without a chance to clean up.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal by its name, such as `STOP`.
    pub fn signal(&self, name: &str) {
        signal(name, self.child.id());
    }

    /// Asks it to stop, as an operator would, and waits; gives whether it ended well.
    pub fn terminate(&mut self) -> bool {
        self.signal("TERM");
        self.wait()
    }

    /// Waits for its end; gives whether it ended well.
    pub fn wait(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// Starts it again with the same arguments and the address that it had.
    pub fn start_again(&mut self) {
        let mut arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let address = self
            .url
            .strip_prefix("http://")
            // A worker has none.
            .unwrap_or_default()
            .to_owned();
        if !arguments.contains(&"--listen") && !address.is_empty() {
            arguments.extend(["--listen", &address]);
        }
        let again = start(&arguments, &self.environment);
        *self = again;
    }
}

impl std::fmt::Display for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (arguments, printed) = (self.arguments.join(" "), self.printed.join("\n"));
        write!(f, "`pasar {arguments}` ({printed}\n{})", self.log())
    }
}

/// As shown to people: for what waits and fails.
impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Sends a signal by its name to a process of the tests.
pub fn signal(name: &str, pid: u32) {
    let status = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status();
    assert!(status.unwrap().success(), "cannot signal {pid}");
}

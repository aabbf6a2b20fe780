// Every English sentence of the candidate app. Keys are typed by their use; functions take what varies.

export const words = {
  brand: "TALI",
  loading: "Opening your assessment",

  welcome: {
    invitedBy: (organization: string) => `${organization} invites you to an assessment`,
    hello: (name: string) => `Hello ${name}.`,
    time: "Time",
    language: "Language",
    languages: "Languages",
    assistant: "Assistant",
    howTitle: "How it works",
    how: [
      ["Read the brief", "It appears beside the editor when you start, and stays there."],
      [
        "Work as you do at work",
        "Write, run and test code. Ask the assistant whatever helps: how you work with it is looked at, how often you ask is not.",
      ],
      [
        "Hand in",
        "When you are done, or when the time is up. What you have then is handed in; nothing is thrown away.",
      ],
    ],
    keepTitle: "If something goes wrong",
    keep: "Your work is saved about once a second. If the page closes or your connection drops, open your link again and go on where you were. The clock keeps running.",
    recordedTitle: "What is recorded, and why",
    proctoredTitle: "Attention is recorded",
    proctored:
      "This assessment notes when you leave this page or tab, and for how long. There is no camera, no microphone and no picture of your screen. Leaving is not forbidden: it is shown as a fact beside the result and moves no score.",
    consent: "I have read what is recorded, and I agree to it.",
    consentMissing: "Please confirm this first.",
    start: "Start",
    starting: "Starting …",
    clock: (time: string) => `The clock starts when you press Start: ${time}, and it runs on when you leave.`,
    noStorage:
      "This browser keeps nothing for this page. Your work is saved on the server every second, but do not close or reload the page while it says “Saving”.",
    openUntil: (date: string) => `You can start until ${date}.`,
  },

  warmUp: {
    title: "Warm-up",
    free: "Optional, not timed",
    offer: "Try the assistant on something small before the clock starts.",
    begin: "Try the warm-up",
    resume: "Back to the warm-up",
    opening: "Opening …",
    finished: "The warm-up is done.",
    tryThis: "Try this, in your own words",
    why: "To get to know the assistant. It is kept apart from your work: your reviewers can read it, and it moves no score.",
    left: (count: number) => (count === 1 ? "1 message left" : `${count} messages left`),
    noneLeft: "That was the last message of the warm-up.",
    done: "Done",
    skip: "Skip",
  },

  work: {
    brief: "Brief",
    code: "Code",
    output: "Output",
    assistant: "Assistant",
    panels: "Parts of the workspace",
    resize: (what: string) => `Resize ${what}`,
    submit: "Hand in",
    saved: "Saved",
    savedAgo: (ago: string) => `Saved ${ago} ago`,
    saving: "Saving …",
    waiting: "Not saved yet",
    timeLeft: "Time left",
    timeWarning: (minutes: number) => `${minutes} minutes left.`,
    timeOver: "Time is up.",
    offlineTitle: "You are offline.",
    offline: "Keep working: your changes wait in this browser and are sent when the connection is back.",
    offlineMemory:
      "Keep working, but do not close or reload this page: this browser cannot store your changes.",
    serverWaiting:
      "The server does not answer just now. Your changes wait in this browser and are sent as soon as it does.",
    recordingFull:
      "This session has recorded all that one session may. What was saved before is kept: hand it in.",
    noStorage: "This browser keeps nothing for this page. Do not close or reload it before it says “Saved”.",
    lostEdits:
      "This assessment was continued in another window. The last changes of this one came too late and were left out.",
    pausedTitle: "Paused.",
    paused:
      "Your organisation has stopped the clock. Your work is safe and your time stands still; this page goes on by itself when the pause ends.",
    dismiss: "Dismiss",
  },

  files: {
    title: "Files",
    toggle: "Show or hide the files",
    open: "Open files",
    create: "New file",
    createHint: "Name, for example src/notes.md",
    rename: "Rename",
    remove: "Delete",
    close: (path: string) => `Close ${path}`,
    readonly: "read only",
    editorLabel: (path: string, readonly: boolean) => (readonly ? `${path}, read only` : path),
    editorHint: "Press Escape, then Tab, to leave the editor.",
    removeTitle: (path: string) => `Delete ${path}?`,
    removeBody: "You cannot undo this.",
    tooMany: (limit: number) => `A workspace holds ${limit} files. Delete one first.`,
    tooLarge: (path: string, limit: string) =>
      `${path} would become larger than ${limit}. The change was not made.`,
    path_empty: "Give the file a name.",
    path_shape: "Use letters, digits, . _ - and / only.",
    path_long: "That name is too long.",
    path_taken: "There is a file or folder with that name.",
    none: "Choose a file.",
  },

  run: {
    run: "Run",
    test: "Run tests",
    stop: "Stop",
    starting: "Starting …",
    running: "Running …",
    queued: "Waiting for a free sandbox …",
    output: "Output",
    tests: "Tests",
    input: "Input",
    inputHint: "What your program reads from standard input when you press Run.",
    empty: "Run your code, and its output appears here.",
    emptyTests: "Run the tests, and their results appear here.",
    noOutput: "It printed nothing.",
    passed: (passed: number, total: number) => `${passed} of ${total} passed`,
    stale: "You have changed the code since.",
    exit: (code: number) => `Exit code ${code}`,
    took: (time: string) => `in ${time}`,
    timedOut: "Stopped: it ran longer than allowed.",
    truncated: "The output was longer than is kept. The rest was left out.",
    cancelled: "Stopped by you.",
    interrupted: "The run was cut off before it ended. Run it again.",
    failed: "The run could not be carried out.",
    testPassed: "passed",
    testFailed: "failed",
    unavailable: "Running code is not available here.",
  },

  chat: {
    log: "Conversation with the assistant",
    you: "You",
    empty: (name: string) =>
      `Ask ${name} about the task, an error, or a piece of code. It sees the files you have open.`,
    placeholder: (name: string) => `Ask ${name}`,
    send: "Send",
    stop: "Stop",
    hint: "Enter sends, Shift and Enter starts a new line.",
    thinking: "Thinking",
    copy: "Copy",
    copied: "Copied",
    copyFailed: "Select and copy by hand",
    insert: "Insert at cursor",
    apply: "Apply to file",
    applied: "Applied",
    applyFailed: "The file no longer contains this passage.",
    proposal: (path: string) => `Change to ${path}`,
    retry: "Ask again",
    cancelled: "You stopped this reply.",
    interrupted: "The reply was cut off.",
    failed: "The assistant could not reply.",
    tooLong: (limit: string) => `Messages hold up to ${limit} characters.`,
    latest: "Newest message",
    theAssistant: "the assistant",
    notAi: "This assistant is not an AI.",
  },

  submit: {
    title: "Hand in your work?",
    body: "You cannot change anything after that.",
    timeLeft: (time: string) => `You have ${time} left.`,
    neverTested: "You have not run the tests.",
    staleTests: "You have changed the code since you last ran the tests.",
    lastTests: (passed: number, total: number) =>
      `When you last ran them, ${passed} of ${total} tests passed.`,
    confirm: "Hand in",
    cancel: "Keep working",
    sending: "Handing in your work",
    timeUp: "Time is up. Your work is being handed in.",
    keepOpen: "Keep this page open until it says that it is done.",
    waiting:
      "Your last changes wait for the connection. Keep this page open: they are sent as soon as it is back.",
    back: "Back to the editor",
  },

  done: {
    title: "Your work is handed in",
    byCandidate: (organization: string, time: string) => `${organization} received it on ${time}.`,
    byDeadline: (organization: string, time: string) =>
      `The time was up on ${time}, and ${organization} received what you had then.`,
    next: (organization: string) =>
      `${organization} will be in touch about what comes next. You can close this page.`,
    thanks: (name: string) => `Thank you, ${name}.`,
  },

  closed: {
    expired: "This invitation has expired",
    expiredBody: "Ask whoever invited you for a new one. Nothing you did before is lost.",
    cancelled: "This invitation was withdrawn",
    cancelledBody: "If that is a surprise, ask whoever invited you.",
  },

  reopen: {
    title: "Open your link again",
    direct:
      "For your safety, this page does not stay signed in. Use the link from your invitation. Everything you did is saved.",
    framed: "This session has ended. Reload the page that you came from. Everything you did is saved.",
    missing:
      "This page needs the link from your invitation. Open that link, or copy the whole of it into the address bar.",
    retry: "Try again",
  },

  takenOver: {
    title: "You continued in another window",
    body: "One window at a time can write, so that nothing is mixed up. Your work is safe there.",
    here: "Continue here instead",
    busy: "One moment …",
  },

  failed: {
    title: "The assessment could not be opened",
    retry: "Try again",
  },

  problems: {
    offline: "There is no connection. Check your network and try again.",
    timeout: "The server took too long to answer. Try again.",
    turn_running: "The assistant is still replying. Wait for it, or stop it.",
    execution_running: "Something is running already. Wait for it, or stop it.",
    rate_limited: "That was a little fast. Wait a moment and try again.",
    unexpected: "Something went wrong on this page. Reload it: your work is saved.",
    server: "The server had a problem. Try again in a moment.",
  },
};

// The workspace's style sheets, in the order in which they overrule each other.
import "./workspace.css";
import "./top.css";
import "./tabs.css";
import "./code.css";
import "./output.css";
import "./prose.css";
import "./assistant.css";
import "./dialog.css";
import "./layouts.css";

// The script of the staff pages: htmx and the small modules that go with it.
import "htmx.org";
import { sendCsrfToken } from "./csrf";
import { openHelpOnQuestionMark, listenForKeys } from "./keys";
import { keepRowsInPlace } from "./live";
import { openBeside } from "./pane";
import { rememberEtags } from "./poll";
import { switchTheme } from "./theme";
import { openDialogs, showTips } from "./overlays";

sendCsrfToken();
rememberEtags();
keepRowsInPlace();
openBeside();
listenForKeys();
openHelpOnQuestionMark();
openDialogs();
showTips();
switchTheme();

// The script of the staff pages: htmx and the small modules that go with it.
import "htmx.org";
import { copyOnClick } from "./copy";
import { sendCsrfToken } from "./csrf";
import { openHelpOnQuestionMark, listenForKeys } from "./keys";
import { keepRowsInPlace } from "./live";
import { openBeside } from "./pane";
import { updateInParts } from "./parts";
import { rememberEtags } from "./poll";
import { switchTheme } from "./theme";
import { keepWhatIsTyped } from "./typed";
import { leadBackFromSearch, openDialogs, showTips } from "./overlays";
import { chooseZone } from "./zone";

sendCsrfToken();
rememberEtags();
keepRowsInPlace();
keepWhatIsTyped();
updateInParts();
openBeside();
listenForKeys();
openHelpOnQuestionMark();
openDialogs();
showTips();
leadBackFromSearch();
switchTheme();
copyOnClick();
chooseZone();

import { initLiveStash } from "@live-stash/browser";
import { Socket } from "phoenix";
import { LiveSocket } from "phoenix_live_view";

const csrfToken = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
new LiveSocket("/live", Socket, { params: initLiveStash({ _csrf_token: csrfToken }) }).connect();

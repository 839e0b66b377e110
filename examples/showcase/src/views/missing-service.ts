import { html, liveView, type LiveView } from "@live-stash/live-view";

/** Stands in for a page whose service is not there, and says what to set. */
export function missingService(adapterName: string, variable: string, example: string): LiveView {
  return liveView<object>({
    name: `missing-service-${adapterName}`,
    mount: (socket) => socket.setTitle("Not configured"),
    render: () => html`<main>
      <h1>Not configured</h1>
      <p>This page stashes with the adapter <b>${adapterName}</b>, which needs its service.</p>
      <p>Set <code>${variable}</code>, such as <code>${variable}=${example}</code>, and start again.</p>
    </main>`,
  });
}

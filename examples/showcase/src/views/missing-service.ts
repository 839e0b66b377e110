import { html, liveView, type LiveView } from "@live-stash/live-view";

interface Service {
  /** The environment variable with the service's address. */
  readonly variable: string;
  readonly example: string;
}

/** Creates the page that replaces one whose service is not configured, and says what to set. */
export function missingService(adapterName: string, service: Service): LiveView {
  const { variable, example } = service;
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

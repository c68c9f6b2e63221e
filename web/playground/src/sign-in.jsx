import { useGraphiQL } from '@graphiql/react';
import { useState } from 'react';

import { LOGIN } from './examples.js';

/** A side panel that signs in and puts the access token into the headers tab. */
export function signInPlugin(endpoint) {
  return { title: 'Sign in', icon: KeyIcon, content: () => <SignIn endpoint={endpoint} /> };
}

function SignIn({ endpoint }) {
  const headerEditor = useGraphiQL((state) => state.headerEditor);
  const [status, setStatus] = useState(null);
  const [busy, setBusy] = useState(false);

  async function submit(event) {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(event.currentTarget));
    setBusy(true);
    try {
      const token = await login(endpoint, email, password);
      setAuthorization(headerEditor, `Bearer ${token}`);
      setStatus({ ok: true, text: `Signed in as ${email}. The token is in the headers of this tab.` });
    } catch (error) {
      setStatus({ ok: false, text: error.message });
    } finally {
      setBusy(false);
    }
  }

  function signOut() {
    try {
      setAuthorization(headerEditor, null);
      setStatus({ ok: true, text: 'The token is gone from the headers of this tab.' });
    } catch (error) {
      setStatus({ ok: false, text: error.message });
    }
  }

  return (
    <section aria-label="Sign in">
      <h2 className="pasar-heading">Sign in</h2>
      <form className="pasar-form" onSubmit={submit}>
        <label>
          Email
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <div className="pasar-actions">
          <button className="graphiql-button" type="submit" disabled={busy}>
            Sign in
          </button>
          <button className="graphiql-button" type="button" onClick={signOut}>
            Sign out
          </button>
        </div>
        <p role="status" className={status?.ok === false ? 'pasar-refused' : undefined}>
          {status?.text}
        </p>
      </form>
    </section>
  );
}

/** The access token, or an error whose message is for the person at the form. */
async function login(endpoint, email, password) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query: LOGIN, operationName: 'Login', variables: { input: { email, password } } }),
  });
  const answer = await response.json().catch(() => {
    throw new Error(`The server answered ${response.status} without JSON.`);
  });
  const payload = answer.data?.login;
  if (payload?.accessToken) {
    return payload.accessToken;
  }
  const refusal = payload?.userErrors?.[0] ?? answer.errors?.[0];
  throw new Error(refusal?.message ?? 'The answer holds neither a token nor a reason.');
}

/** Sets the `authorization` header in the headers tab, or removes it, and keeps the other headers. */
function setAuthorization(headerEditor, value) {
  const text = headerEditor.getValue().trim();
  let headers;
  try {
    headers = text ? JSON.parse(text) : {};
  } catch {
    throw new Error('The headers tab is not valid JSON: mend or empty it first.');
  }
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization');
  const next = Object.fromEntries(value ? [...others, ['authorization', value]] : others);
  headerEditor.setValue(Object.keys(next).length ? JSON.stringify(next, null, 2) : '');
}

function KeyIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <circle cx="8" cy="16" r="4.5" />
      <path d="M11.2 12.8 20 4m-4 4 3 3" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

-- Asks Latchkey about each request, for haproxy.cfg. Needs HAProxy 2.5 or newer with Lua, as Debian 12 has it.
local gate = "http://127.0.0.1:3000/gate"

-- What the gate reads of the client's request.
local read = {
  "accept", "authorization", "cookie", "origin", "upgrade", "sec-fetch-site", "sec-fetch-mode", "sec-websocket-version"
}
-- What it tells the app. Each replaces the client's own, or is removed.
local told = { "x-auth-id", "remote-user", "remote-groups", "remote-email", "x-auth-session-age", "x-auth-factors" }

core.register_action("ask-latchkey", { "http-req" }, function(txn)
  local sent = {
    ["x-forwarded-for"] = { txn.f:src() },
    ["x-forwarded-proto"] = { "https" },
    ["x-forwarded-host"] = { txn:get_var("txn.host") },
    ["x-forwarded-method"] = { txn.f:method() },
    -- As the client wrote it: HAProxy forwards it so.
    ["x-forwarded-uri"] = { txn.f:pathq() }
  }
  local headers = txn.http:req_get_headers()
  for _, name in ipairs(read) do
    -- Twice the same header: the gate refuses it.
    if headers[name] and headers[name][0] then
      sent[name] = { headers[name][1] and headers[name][0] .. ", " .. headers[name][1] or headers[name][0] }
    end
  end
  local answer = core.httpclient():get { url = gate, headers = sent, timeout = 5000 }
  local answered = answer.headers or {}
  txn:set_var("txn.gate_status", answer.status or 503)
  txn:set_var("txn.gate_location", answered["location"] and answered["location"][0] or "")
  txn:set_var("txn.gate_body", answer.body or "")
  txn:set_var("txn.gate_challenge", answered["www-authenticate"] and answered["www-authenticate"][0] or "")
  for _, name in ipairs(told) do
    txn.http:req_del_header(name)
    local value = answered[name] and answered[name][0] or ""
    if value ~= "" then txn.http:req_set_header(name, value) end
  end
  -- A token for programs ends here; what else is in Authorization is for the app.
  local factors = answered["x-auth-factors"]
  if factors and factors[0] == "token" then txn.http:req_del_header("authorization") end
end, 0)

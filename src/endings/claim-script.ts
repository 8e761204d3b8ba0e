/**
 * For scripts of Redis: `claimIn(text)` returns whose session a text is, as ownerKeyOf says it, its epoch, its
 * generation and whether it has moved to another key; nothing if it is no session. The text is complete JSON or the
 * terse form of session-text.ts.
 */
export const readClaim = `
  local function whole(value)
    local isWhole = type(value) == 'number' and value == math.floor(value) and math.abs(value) < 2 ^ 53
    return isWhole and value or 0
  end
  local function claimIn(text)
    local isRead, record = pcall(cjson.decode, text)
    if not isRead or type(record) ~= 'table' then return nil end
    local ids, account, user, epoch = record[1], record.account, record.user, record.epoch
    local gen, movedTo = record.gen, record.movedTo
    if type(ids) == 'string' then
      local others = type(record[10]) == 'table' and record[10] or {}
      account, user, epoch = nil, record[2], record[5]
      gen = others.gen
      if #ids > 22 then account = string.sub(ids, 23) end
      if user == '' then user = others.user end
    end
    if account == nil and type(user) == 'string' then account = 'name:' .. user end
    if type(account) ~= 'string' then account = nil end
    local hasMoved = type(movedTo) == 'string'
    return { owner = account, epoch = whole(epoch), gen = math.min(whole(gen), 2 ^ 31 - 2), hasMoved = hasMoved }
  end
`

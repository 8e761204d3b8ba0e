import { script } from '../redis/script.ts'
import { readClaim } from './claim-script.ts'

/**
 * A floor is only ever raised. One of an earlier era is none: the ledger may have gone back since, and the
 * epochs with it. By the time of `at` a request that began before is known.
 */
const raiseFloor = `
  local function raise(key, epoch, keep, era, life)
    local old = redis.call('HMGET', key, 'epoch', 'era')
    local isOfEra = old[1] and tonumber(old[2]) == era
    if isOfEra and tonumber(old[1]) >= epoch then return end
    local now = redis.call('TIME')
    redis.call('HDEL', key, 'keep')
    if not isOfEra then redis.call('HDEL', key, 'label') end
    redis.call('HSET', key, 'epoch', epoch, 'era', era, 'at', now[1] * 1000 + math.floor(now[2] / 1000))
    if keep and keep ~= '' then redis.call('HSET', key, 'keep', keep) end
    redis.call('PEXPIRE', key, life)
  end
  local function rename(key, label, life)
    if not label then return end
    if label == '' then redis.call('HDEL', key, 'label') return end
    redis.call('HSET', key, 'label', label)
    redis.call('PEXPIRE', key, life)
  end
`

/**
 * Applies rows of the ledger and moves the mark, if the mark is still where the follower found it: so in every
 * state of this Redis that has a mark, all rows up to it are applied.
 *
 * KEYS: the mark. ARGV: the mark as found, as it will be (n, nonce, era), the prefixes of sessions and floors,
 * the longest life of a session, the channel, and as JSON the keys of ended sessions, generations (key,
 * generation, number of the row if it may be under way, else 0), and floors (owner, epoch, keep, name of a renamed account).
 * A key under which a session no longer is leads on to it; see SessionRenewals. What Redis cannot read stays: of such a
 * session the database is asked at each read.
 * @returns 1 if it was applied; less than 0: nothing was, because the row of that number is under way
 */
export const applyRows = script(`
  ${raiseFloor}
  ${readClaim}
  local mark = redis.call('HMGET', KEYS[1], 'n', 'nonce', 'era')
  if (mark[1] or '0') ~= ARGV[1] or (mark[2] or '') ~= ARGV[2] or (mark[3] or '0') ~= ARGV[3] then return 0 end
  local era = tonumber(ARGV[6])
  local over = {}
  for _, row in ipairs(cjson.decode(ARGV[12])) do
    local text = redis.call('GET', ARGV[7] .. row[1])
    local claim = text and claimIn(text)
    if claim and claim.gen < row[2] and not claim.hasMoved then
      if row[3] > 0 then return -row[3] end
      table.insert(over, row[1])
    end
  end
  for _, key in ipairs(over) do redis.call('UNLINK', ARGV[7] .. key) end
  for _, key in ipairs(cjson.decode(ARGV[11])) do redis.call('UNLINK', ARGV[7] .. key) end
  local floors = cjson.decode(ARGV[13])
  for _, row in ipairs(floors) do
    local key = ARGV[8] .. redis.sha1hex(row[1])
    raise(key, row[2], row[3], era, ARGV[9])
    rename(key, row[4], ARGV[9])
  end
  redis.call('HSET', KEYS[1], 'n', ARGV[4], 'nonce', ARGV[5], 'era', ARGV[6])
  if #floors > 0 or mark[3] ~= ARGV[6] then
    redis.call('PUBLISH', ARGV[10], '{"floors":' .. ARGV[13] .. ',"era":' .. ARGV[6] .. '}')
  end
  return 1
`)

/** The names of redis-keys.ts, for a program that knows no ledger but the one whose services use this Redis. */
const keysHere = `
  local function here(installation, prefix, known)
    local start = string.gsub(prefix, ':+$', '')
    local ledger = redis.call('GET', installation) or known
    return start .. '-mark:' .. ledger, start .. '-floor:' .. ledger .. ':'
  end
`

const readOne = `
  ${readClaim}
  local function read(key, markKey, floors)
    local text = redis.call('GET', key)
    local mark = redis.call('HMGET', markKey, 'n', 'era')
    local answer = { text, false, mark[1], mark[2] }
    if not text then return answer end
    answer[2] = redis.call('PEXPIRETIME', key)
    local claim = claimIn(text)
    if not claim or not claim.owner then return answer end
    local floor = redis.call('HMGET', floors .. redis.sha1hex(claim.owner), 'epoch', 'era', 'keep', 'held', 'heldKeep', 'label')
    answer[5] = claim.owner
    for place = 1, 6 do answer[5 + place] = floor[place] end
    return answer
  end
`

/**
 * A session with all that decides whether it is over, in one round trip. Keys that a script finds by itself
 * are not tracked: floors are told on the channel instead.
 *
 * KEYS: the session, the mark. ARGV: the prefix of floors.
 */
export const readSession = script(`${readOne} return read(KEYS[1], KEYS[2], ARGV[1])`)

/** The same. KEYS: the session, the installation. ARGV: the prefix of sessions, the ledger if Redis does not say. */
export const readSessionHere = script(
  `${readOne} ${keysHere} return read(KEYS[1], here(KEYS[2], ARGV[1], ARGV[2]))`
)

/**
 * While the database is away, ends all sessions of an owner but one, of whatever epoch; that too if another ending has
 * ended it. KEYS: the floor, the outbox.
 * ARGV: the nonce, the key that goes on, the longest life of a session, the ending for the outbox, the channel.
 */
export const holdAll = script(`
  local held = redis.call('HMGET', KEYS[1], 'held', 'heldKeep')
  local keep = ARGV[2]
  if held[1] and held[2] ~= keep then keep = '' end
  redis.call('HSET', KEYS[1], 'held', ARGV[1], 'heldKeep', keep)
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('RPUSH', KEYS[2], ARGV[4])
  redis.call('PUBLISH', ARGV[5], '{"held":true}')
`)

/** After the database has ended them. KEYS: the floor. ARGV: the nonce. */
export const releaseAll = script(`
  if redis.call('HGET', KEYS[1], 'held') == ARGV[1] then redis.call('HDEL', KEYS[1], 'held', 'heldKeep') end
`)

/**
 * Deletes a session and, if somebody is signed in, tells so.
 * KEYS: the session. ARGV: channel, message; the text that it must have.
 * @returns the text, or null if it was gone; 0: it has another text
 */
export const endSession = script(`
  ${readClaim}
  local text = redis.call('GET', KEYS[1])
  if text and ARGV[3] and text ~= ARGV[3] then return 0 end
  redis.call('UNLINK', KEYS[1])
  local claim = text and claimIn(text)
  local isOwned = claim and claim.owner or text and string.find(text, '"user":', 1, true)
  if isOwned then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
  return text
`)

const epochOf = `
  local function epoch(floorKey, mark)
    local era = redis.call('HGET', mark, 'era') or '0'
    local floor = redis.call('HMGET', floorKey, 'epoch', 'era', 'at')
    if not floor[1] or floor[2] ~= era then return { '0', 0, '', era } end
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    return { floor[1], now - floor[3], floor[3], era }
  end
`

/**
 * The epoch of a name's sessions that begin now, how long ago it was raised, in milliseconds, when, and the
 * era.
 * KEYS: the floor, the mark.
 */
export const readEpoch = script(`${epochOf} return epoch(KEYS[1], KEYS[2])`)

/** The same. KEYS: the installation. ARGV: the prefix of sessions, the ledger if Redis does not say, the hash of the owner. */
export const readEpochHere = script(`
  ${epochOf} ${keysHere}
  local mark, floors = here(KEYS[1], ARGV[1], ARGV[2])
  return epoch(floors .. ARGV[3], mark)
`)

/** Moves the mark of a Cluster, unless it is further already. KEYS: the mark. ARGV: n, nonce, era. */
export const moveMark = script(`
  local mark = redis.call('HMGET', KEYS[1], 'n', 'era')
  local era = tonumber(mark[2] or '0')
  if era > tonumber(ARGV[3]) or (era == tonumber(ARGV[3]) and tonumber(mark[1] or '0') >= tonumber(ARGV[1])) then return 0 end
  redis.call('HSET', KEYS[1], 'n', ARGV[1], 'nonce', ARGV[2], 'era', ARGV[3])
  return 1
`)

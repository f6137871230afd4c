-- The requests of a workload, for wrk: KIND PREFIX AMOUNT after the two dashes. See load.ts for the kinds.

local function user(prefix, number)
  return string.format('{"name":"Ada Lovelace %d","email":"ada.%s.%d@example.com"}', number, prefix, number)
end

function init(args)
  local kind, prefix, amount = args[1], args[2], tonumber(args[3])
  local json = { ["Content-Type"] = "application/json" }
  local number = 0
  math.randomseed(os.time())

  local function create()
    number = number + 1
    return wrk.format("POST", "/users", json, user(prefix, number))
  end

  -- Without a function of this name wrk sends one request over and over, which costs it less.
  if kind == "create" then
    request = create
  elseif kind == "mixed" then
    request = function()
      local chance = math.random()
      if chance < 0.05 then return create() end
      local path = "/users/" .. math.random(amount)
      if chance >= 0.1 then return wrk.format("GET", path) end
      number = number + 1
      return wrk.format("PUT", path, json, user(prefix, number))
    end
  elseif kind == "echo" then
    local text = wrk.format("POST", "/echo", { ["Content-Type"] = "text/plain" }, string.rep("x", amount))
    request = function() return text end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"perSecond":%.2f,"p50":%.3f,"p99":%.3f,"errors":%d}\n',
    summary.requests,
    summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end

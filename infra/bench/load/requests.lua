-- Makes the requests of a workload for wrk. Arguments after the two dashes: KIND PREFIX AMOUNT. load.ts describes the kinds.

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

  -- For kind "get" there is no function `request`: wrk then repeats one request, which costs wrk less CPU.
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
  elseif kind == "echo" or kind == "size" then
    local text = wrk.format("POST", "/" .. kind, { ["Content-Type"] = "text/plain" }, string.rep("x", amount))
    request = function() return text end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requestCount":%d,"requestsPerSecond":%.2f,"p50":%.3f,"p99":%.3f,"errors":%d}\n',
    summary.requests,
    summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end

-- script.lua - what Lua does in its own words: closures, tables, strings, patterns, metatables, coroutines, errors, integers and
-- floats, collection of garbage. Its output under the system's gcc is what a picture must print.
local function fibonacci(n) return n < 2 and n or fibonacci(n - 1) + fibonacci(n - 2) end
print(fibonacci(18), 7 // 2, -7 // 2, 7 % -3, 2^0.5, 1e15, 1e100, 0.1 + 0.2, 3 | 4, ~0, 1 << 62, math.maxinteger + 1)

local words = {}
for word in ("a picture is a program and a program is a picture"):gmatch("%a+") do
    words[word] = (words[word] or 0) + 1
end
local names = {}
for name in pairs(words) do names[#names + 1] = name end
table.sort(names, function(a, b) return words[a] > words[b] or (words[a] == words[b] and a < b) end)
for _, name in ipairs(names) do io.write(name, "=", words[name], " ") end
print()

local vector = {}
vector.__index = vector
vector.__add = function(a, b) return setmetatable({x = a.x + b.x, y = a.y + b.y}, vector) end
vector.__tostring = function(v) return string.format("(%g, %g)", v.x, v.y) end
print(tostring(setmetatable({x = 1, y = 2.5}, vector) + setmetatable({x = 3, y = -1}, vector)))

local numbers = coroutine.wrap(function() for i = 1, 5 do coroutine.yield(i * i) end end)
print(numbers(), numbers(), numbers())
print(select(2, pcall(function() error({code = 42}) end)).code)
print(select(2, pcall(function() local t = nil; return t.x end)))
print(string.format("%5.2f|%-8s|%08x|%q", math.pi, "left", 48879, 'a "quoted"\nline'))
print(("hello world"):gsub("o", "0"), ("x"):rep(5, "-"), ("%d+"):len(), #"abc")

local sieve, count = {}, 0
for i = 2, 2000 do
    if not sieve[i] then
        count = count + 1
        for j = i * i, 2000, i do sieve[j] = true end
    end
end
print(count)

local kept = {}
for i = 1, 20000 do kept[i % 100] = {i, tostring(i)} end
collectgarbage()
print(kept[7][2], collectgarbage("count") < 4000)
print(math.floor(-2.5), math.tointeger(3.0), 10 / 2, string.pack("<i4", 77):byte(1, 4))
goto done
print("never")
::done::
print(os.time() > 0, load("return 6 * 7")())

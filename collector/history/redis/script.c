// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/redis/script.h"

#define FENCE                                         \
	"if redis.call('GET',KEYS[1])~=ARGV[1] then " \
	"return redis.error_reply('" SCRIPT_FENCED    \
	" another collector writes here') "           \
	"end\n"

/* unpack() takes some thousand values at once. The row of the log goes first: it is the one
 * command that may fail.
 */
static const char commit[] = FENCE
	"local A,call,sub=ARGV,redis.call,string.sub\n"
	"local marks,at=tonumber(A[5]),9\n"
	"for i=1,marks,1000 do\n"
	" local j=math.min(i+999,marks)\n"
	" local v=call('HMGET',KEYS[2],unpack(A,at+i,at+j))\n"
	" for k=i,j do\n"
	"  local have=v[k-i+1]\n"
	"  have=have and sub(have,1,8) or ''\n"
	"  if have~=A[at+marks+k] then return redis.error_reply('" SCRIPT_CHANGED
	" a session is not what it was') end\n"
	" end\n"
	"end\n"
	"at=at+2*marks\n"
	"if A[4]~='' then call('XADD',KEYS[5],A[3],'d',A[4]) end\n"
	"if A[2]~='' then call('XTRIM',KEYS[5],'MINID',A[2]) end\n"
	"local function put(key,count)\n"
	" for i=1,2*count,2000 do\n"
	"  call('HSET',key,unpack(A,at+i,at+math.min(i+1999,2*count)))\n"
	" end\n"
	" at=at+2*count\n"
	"end\n"
	"put(KEYS[2],marks) put(KEYS[3],tonumber(A[6])) "
	"put(KEYS[4],tonumber(A[7]))\n"
	"local sessions,n=tonumber(A[8]),{}\n"
	"for i=1,sessions do\n"
	" call('SADD',KEYS[6+i],A[at+i])\n"
	" n[i]=call('SCARD',KEYS[6+i])\n"
	"end\n"
	"at=at+sessions\n"
	"for i=1,tonumber(A[9]) do\n"
	" local key,minute,sum=KEYS[6+sessions+i],A[at+1],{}\n"
	" local have=call('HGET',key,minute) or ''\n"
	" for c in string.gmatch(have,'%S+') do sum[#sum+1]=tonumber(c) end\n"
	" local k=0\n"
	" for c in string.gmatch(A[at+2],'%S+') do k=k+1 "
	"sum[k]=string.format('%.0f',(sum[k] or 0)+tonumber(c)) end\n"
	" call('HSET',key,minute,table.concat(sum,' '))\n"
	" call('ZADD',KEYS[6],minute,A[at+3])\n"
	" at=at+3\n"
	"end\n"
	"return n\n";

const char *const script_text[SCRIPTS] = {
	[SCRIPT_OWN] =
		"local o=redis.call('GET',KEYS[1]) or '0.0'\n"
		"if tonumber(string.match(o,'^(%d+)'))>tonumber(ARGV[1]) "
		"then return redis.error_reply('" SCRIPT_FENCED " '..o) end\n"
		"redis.call('SET',KEYS[1],ARGV[2])\n"
		"local x=redis.pcall('XINFO','STREAM',KEYS[2])\n"
		"local id='0-0'\n"
		"for i=1,#x,2 do if x[i]=='last-generated-id' then "
		"id=x[i+1] end end\n"
		"return {id,o}\n",
	[SCRIPT_COMMIT] = commit,
	[SCRIPT_APPLY] = FENCE
	"local at=2\n"
	"while ARGV[at] do\n"
	" local n=tonumber(ARGV[at+2])\n"
	" redis.call(ARGV[at],KEYS[tonumber(ARGV[at+1])],"
	"unpack(ARGV,at+3,at+2+n))\n"
	" at=at+3+n\n"
	"end\n"
	"return 1\n",
	[SCRIPT_LOCK] = "local h=redis.call('GET',KEYS[1])\n"
			"if h and h~=ARGV[1] and h~=ARGV[3] then "
			"return {h,redis.call('PTTL',KEYS[1])} end\n"
			"redis.call('SET',KEYS[1],ARGV[1],'PX',ARGV[2])\n"
			"return redis.call('INCR',KEYS[2])\n",
	[SCRIPT_RENEW] = "local h=redis.call('GET',KEYS[1])\n"
			 "if h and h~=ARGV[1] then "
			 "return redis.error_reply('" SCRIPT_FENCED
			 " '..h) end\n"
			 "redis.call('SET',KEYS[1],ARGV[1],'PX',ARGV[2])\n"
			 "return 1\n",
	[SCRIPT_RELEASE] = "if redis.call('GET',KEYS[1])==ARGV[1] then "
			   "return redis.call('DEL',KEYS[1]) end\n"
			   "return 0\n",
};

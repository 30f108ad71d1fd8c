#!/usr/bin/env ruby
# Ruby's own cgi: fields, a cookie, PATH_INFO.
require 'cgi'

cgi = CGI.new
cgi.out('type' => 'text/plain', 'cookie' => [CGI::Cookie.new('name' => 'seen', 'value' => '1 2')]) do
  "#{cgi.params.sort.inspect} #{cgi.path_info.inspect} #{cgi.cookies.keys.inspect}\n"
end

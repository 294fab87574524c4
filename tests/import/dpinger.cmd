# ps -axww | grep dpinger, of the gateway WAN_DHCP
/usr/local/bin/dpinger -S -r 0 -i WAN_DHCP -B 198.51.100.7 -p /var/run/dpinger_WAN_DHCP.pid -u /var/run/dpinger_WAN_DHCP.sock -C "/etc/rc.gateway_alarm" -d 1 -s 250 -l 1250 -t 30000 -A 1000 -D 400 -L 25 198.51.100.1

CREATE EXTERNAL TABLE IF NOT EXISTS `network`.`vpc_flow_logs` (
  `start` bigint,
  `end` bigint,
  `dstaddr` string,
  `srcaddr` string,
  `region` string,
  `log_status` string,
  `bytes` bigint,
  `tomorrows_field` string
)
PARTITIONED BY (
  `log_account` string,
  `log_region` string,
  `log_day` string
)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
STORED AS TEXTFILE
LOCATION 's3://my-logs/closed/AWSLogs/'
TBLPROPERTIES (
  'skip.header.line.count'='1',
  'projection.enabled'='true',
  'projection.log_account.type'='enum',
  'projection.log_account.values'='123456789012,210987654321',
  'projection.log_region.type'='enum',
  'projection.log_region.values'='ap-northeast-1',
  'projection.log_day.type'='date',
  'projection.log_day.format'='yyyy/MM/dd',
  'projection.log_day.range'='2026/06/01,NOW',
  'projection.log_day.interval'='1',
  'projection.log_day.interval.unit'='DAYS',
  'storage.location.template'='s3://my-logs/closed/AWSLogs/${log_account}/vpcflowlogs/${log_region}/${log_day}/'
);
